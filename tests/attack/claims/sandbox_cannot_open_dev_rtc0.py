# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open dev rtc0
# twin: root device

def attack():
    if not os.path.exists('/dev/rtc0'):
        return refused('no such device in sight')
    try:
        return reached(os.open('/dev/rtc0', os.O_RDWR))
    except OSError as e:
        if e.errno in (errno.ENXIO, errno.EIO, errno.ENODEV, errno.EBUSY):
            return reached(e)
        raise
