# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot change into a host folder

def attack():
    os.chdir('@FOLDER@')
    return reached(os.getcwd())
