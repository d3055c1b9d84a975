# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call userfaultfd

def attack():
    os.close(call('userfaultfd', 1))
    return reached('the kernel did it')
