# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot list processes

def attack():
    return reached(os.listdir('/proc'))
