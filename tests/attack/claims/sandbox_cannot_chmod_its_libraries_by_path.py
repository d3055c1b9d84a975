# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot chmod its libraries by path

def attack():
    os.chmod('@LIBRARY@/library.py', 0o755)
    return reached('changed')
