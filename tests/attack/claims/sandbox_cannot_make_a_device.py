# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot make a device
# twin: root

def attack():
    os.mknod('dev', 0o20666, os.makedev(1, 3))
    return reached('made')
