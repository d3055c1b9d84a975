# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call personality

def attack():
    call('personality', 0x0040000 | call('personality', 0xffffffff))
    return reached('the kernel did it')
