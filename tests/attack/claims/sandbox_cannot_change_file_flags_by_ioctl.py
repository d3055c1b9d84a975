# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot change file flags by ioctl

def attack():
    import fcntl
    open('mine', 'w').close()
    fcntl.ioctl(os.open('mine', os.O_RDONLY), 0x80086601, bytes(8))
    return reached('asked')
