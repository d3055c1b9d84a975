# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read another sandboxs file

def attack():
    return reached(open('@SIBLING@/data.txt').read())
