# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call vhangup
# twin: skip

def attack():
    call('vhangup')
    return reached('the kernel did it')
