# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot set times of its libraries

def attack():
    os.utime('@LIBRARY@/library.py')
    return reached('changed')
