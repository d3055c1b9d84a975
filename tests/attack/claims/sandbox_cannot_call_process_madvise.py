# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call process madvise

def attack():
    try:
        call('process_madvise', -1, None, 0, 0, 0)
    except OSError as e:
        if e.errno in (errno.EBADF, errno.EINVAL): return reached(e)
        raise
    return reached('the kernel did it')
