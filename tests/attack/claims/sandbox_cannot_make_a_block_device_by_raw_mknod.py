# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot make a block device by raw mknod
# twin: root

def attack():
    call('mknod', b'blk', 0o60666, os.makedev(254, 0))
    return reached('made')
