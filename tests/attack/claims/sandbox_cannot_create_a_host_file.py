# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot create a host file

def attack():
    open('@FOLDER@/created', 'w').write('x')
    return reached('created')
