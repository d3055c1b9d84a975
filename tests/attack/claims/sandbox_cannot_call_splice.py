# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call splice

def attack():
    try:
        call('splice', -1, 0, -1, 0, 1, 0)
    except OSError as e:
        if e.errno in (errno.EBADF,): return reached(e)
        raise
    return reached('the kernel did it')
