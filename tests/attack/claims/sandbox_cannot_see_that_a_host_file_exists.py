# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot see that a host file exists

def attack():
    return reached(os.stat('@SECRET@').st_size)
