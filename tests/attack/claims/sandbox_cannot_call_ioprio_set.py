# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call ioprio set

def attack():
    call('ioprio_set', 1, 0, 0x6000)
    return reached('the kernel did it')
