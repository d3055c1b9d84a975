# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call sync

def attack():
    try:
        libc.syscall(162)
        call('syncfs', 0)
    except OSError as e:
        if e.errno in (errno.EBADF, errno.EINVAL): return reached(e)
        raise
    return reached('the kernel did it')
