# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call msgget

def attack():
    call('msgget', 0, 0o1600)
    return reached('the kernel did it')
