# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call open tree

def attack():
    os.close(call('open_tree', -100, b'.', 0))
    return reached('the kernel did it')
