# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot set attributes of its libraries

def attack():
    os.setxattr('@LIBRARY@/library.py', 'user.x', b'1')
    return reached('changed')
