# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot move out

def attack():
    open('mine', 'w').close()
    os.rename('mine', '@FOLDER@/moved')
    os.unlink('@FOLDER@/moved')
    return reached('moved')
