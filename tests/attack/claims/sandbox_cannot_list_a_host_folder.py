# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot list a host folder

def attack():
    return reached(os.listdir('@FOLDER@'))
