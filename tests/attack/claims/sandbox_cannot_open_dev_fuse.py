# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open dev fuse
# twin: root device

def attack():
    if not os.path.exists('/dev/fuse'):
        return refused('no such device in sight')
    try:
        return reached(os.open('/dev/fuse', os.O_RDWR))
    except OSError as e:
        if e.errno in (errno.ENXIO, errno.EIO, errno.ENODEV, errno.EBUSY):
            return reached(e)
        raise
