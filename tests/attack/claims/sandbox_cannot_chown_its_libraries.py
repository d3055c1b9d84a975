# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot chown its libraries

def attack():
    os.chown('@LIBRARY@/library.py', os.getuid(), os.getgid())
    return reached('changed')
