# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot outlive the template by clearing the death signal

def attack():
    call('prctl', 1, 0, 0, 0, 0)
    return reached('cleared')
