# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call landlock

def attack():
    call('landlock_create_ruleset', None, 0, 1)
    return reached('the kernel did it')
