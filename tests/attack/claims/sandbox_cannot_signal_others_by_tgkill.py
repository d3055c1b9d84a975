# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by tgkill

def attack():
    call('tgkill', @VICTIM@, @VICTIM@, 0)
    return reached('signalled')
