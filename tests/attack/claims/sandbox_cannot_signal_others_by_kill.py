# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by kill

def attack():
    os.kill(@VICTIM@, 0)
    return reached('signalled')
