# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read attributes of a host file

def attack():
    return reached(os.listxattr('@SECRET@'))
