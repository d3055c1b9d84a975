# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot become a reaper

def attack():
    call('prctl', 36, 1, 0, 0, 0)
    return reached('is')
