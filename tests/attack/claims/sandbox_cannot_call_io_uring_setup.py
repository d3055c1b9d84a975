# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call io uring setup

def attack():
    try:
        call('io_uring_setup', 0, None)
    except OSError as e:
        if e.errno in (errno.EFAULT, errno.EINVAL): return reached(e)
        raise
    return reached('the kernel did it')
