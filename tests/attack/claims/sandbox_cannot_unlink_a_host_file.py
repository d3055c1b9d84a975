# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot unlink a host file

def attack():
    os.unlink('@FOLDER@/movable')
    open('@FOLDER@/movable', 'w').close()
    return reached('removed')
