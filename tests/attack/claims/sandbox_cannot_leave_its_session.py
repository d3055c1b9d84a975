# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot leave its session
# twin: once

def attack():
    call('setsid')
    return reached('left')
