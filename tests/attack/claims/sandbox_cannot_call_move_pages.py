# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call move pages

def attack():
    call('move_pages', 0, 0, None, None, None, 0)
    return reached('the kernel did it')
