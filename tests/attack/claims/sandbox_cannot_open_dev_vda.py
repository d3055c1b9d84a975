# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open dev vda
# twin: root device

def attack():
    if not os.path.exists('/dev/vda'):
        return refused('no such device in sight')
    try:
        return reached(os.open('/dev/vda', os.O_RDWR))
    except OSError as e:
        if e.errno in (errno.ENXIO, errno.EIO, errno.ENODEV, errno.EBUSY):
            return reached(e)
        raise
