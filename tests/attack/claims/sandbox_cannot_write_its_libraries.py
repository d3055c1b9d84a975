# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write its libraries

def attack():
    open('@LIBRARY@/library.py', 'a').write('\n')
    return reached('written')
