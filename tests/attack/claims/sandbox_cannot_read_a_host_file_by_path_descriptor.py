# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by path descriptor

def attack():
    fd = os.open('@SECRET@', os.O_PATH)
    return reached(open(f'/proc/self/fd/{fd}').read())
