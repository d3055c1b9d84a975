# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call bpf
# twin: root

def attack():
    try:
        call('bpf', 0, None, 0)
    except OSError as e:
        if e.errno in (errno.EINVAL, errno.EFAULT, errno.E2BIG): return reached(e)
        raise
    return reached('the kernel did it')
