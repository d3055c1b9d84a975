# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot chmod its libraries

def attack():
    fd = os.open('@LIBRARY@/library.py', os.O_RDONLY)
    os.fchmod(fd, 0o755)
    return reached('changed')
