# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by rename into workdir

def attack():
    os.rename('@FOLDER@/movable', 'mine')
    os.rename('mine', '@FOLDER@/movable')
    return reached('moved')
