# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call mount

def attack():
    try:
        call('mount', 1, 1, 1, 0, 0)
    except OSError as e:
        if e.errno in (errno.EFAULT,): return reached(e)
        raise
    return reached('the kernel did it')
