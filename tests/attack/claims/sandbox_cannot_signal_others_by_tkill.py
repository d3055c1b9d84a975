# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by tkill

def attack():
    call('tkill', @VICTIM@, 0)
    return reached('signalled')
