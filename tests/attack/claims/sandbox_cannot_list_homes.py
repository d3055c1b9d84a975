# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot list homes

def attack():
    return reached(os.listdir('/home'))
