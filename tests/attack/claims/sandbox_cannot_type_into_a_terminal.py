# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot type into a terminal

def attack():
    import fcntl
    try:
        fcntl.ioctl(0, 0x5412, b'x')
    except OSError as e:
        if e.errno == errno.ENOTTY: return reached('the ioctl')
        raise
    return reached('typed')
