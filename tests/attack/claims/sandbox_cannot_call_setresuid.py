# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call setresuid

def attack():
    call('setresuid', -1, -1, -1)
    return reached('the kernel did it')
