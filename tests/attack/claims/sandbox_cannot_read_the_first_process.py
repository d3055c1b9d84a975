# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read the first process

def attack():
    return reached(open('/proc/1/comm').read())
