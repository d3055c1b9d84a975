# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call semget

def attack():
    call('semget', 0, 1, 0o1600)
    return reached('the kernel did it')
