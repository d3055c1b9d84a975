# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by plain open

def attack():
    return reached(open('@SECRET@').read())
