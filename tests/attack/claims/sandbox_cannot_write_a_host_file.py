# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write a host file

def attack():
    open('@FOLDER@/writable', 'a').write('x')
    return reached('written')
