# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call tee

def attack():
    try:
        call('tee', -1, -1, 1, 0)
    except OSError as e:
        if e.errno in (errno.EBADF, errno.EINVAL): return reached(e)
        raise
    return reached('the kernel did it')
