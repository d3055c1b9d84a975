# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot link out

def attack():
    open('mine', 'w').close()
    os.link('mine', '@FOLDER@/linked')
    os.unlink('@FOLDER@/linked')
    return reached('linked')
