# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call mq open
# twin: its limit on message queues holds without any facility

def attack():
    call('mq_open', b'attack%d' % os.getpid(), 0o102, 0o600, None)
    call('mq_unlink', b'attack%d' % os.getpid())
    return reached('the kernel did it')
