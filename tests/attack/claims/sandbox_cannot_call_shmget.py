# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call shmget

def attack():
    call('shmget', 0, 4096, 0o1600)
    return reached('the kernel did it')
