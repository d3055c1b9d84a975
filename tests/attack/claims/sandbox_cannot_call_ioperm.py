# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call ioperm

def attack():
    try:
        call('ioperm', 0, 1, 0)
    except OSError as e:
        if e.errno in (errno.ENOSYS,): return reached(e)
        raise
    return reached('the kernel did it')
