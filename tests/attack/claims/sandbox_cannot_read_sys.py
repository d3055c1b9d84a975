# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read sys

def attack():
    return reached(os.listdir('/sys/class'))
