# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call vmsplice

def attack():
    try:
        call('vmsplice', -1, None, 1, 0)
    except OSError as e:
        if e.errno in (errno.EBADF,): return reached(e)
        raise
    return reached('the kernel did it')
