# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot list the root folder

def attack():
    names = os.listdir('/')
    return reached(names)
