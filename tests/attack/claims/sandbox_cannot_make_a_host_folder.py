# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot make a host folder

def attack():
    os.mkdir('@FOLDER@/made')
    os.rmdir('@FOLDER@/made')
    return reached('made')
