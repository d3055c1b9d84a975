# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write its environment

def attack():
    open('@LIBRARY@/evil.py', 'w').write('x')
    os.unlink('@LIBRARY@/evil.py')
    return reached('written')
