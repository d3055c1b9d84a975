# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot hide from the host as undumpable

def attack():
    call('prctl', 4, 0, 0, 0, 0)
    call('prctl', 4, 1, 0, 0, 0)
    return reached('changed')
