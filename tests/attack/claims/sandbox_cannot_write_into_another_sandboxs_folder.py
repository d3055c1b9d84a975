# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write into another sandboxs folder

def attack():
    open('@SIBLING@/evil', 'w').close()
    return reached('written')
