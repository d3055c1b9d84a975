# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot ask access to a host file

def attack():
    return reached('there') if os.access('@SECRET@', os.F_OK) else refused('not there')
