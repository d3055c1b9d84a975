# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call setgroups
# twin: root

def attack():
    call('setgroups', 0, None)
    return reached('the kernel did it')
