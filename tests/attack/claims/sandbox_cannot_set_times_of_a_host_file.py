# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot set times of a host file

def attack():
    os.utime('@FOLDER@/writable')
    return reached('changed')
