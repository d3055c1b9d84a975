# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call setns

def attack():
    try:
        call('setns', -1, 0)
    except OSError as e:
        if e.errno in (errno.EBADF,): return reached(e)
        raise
    return reached('the kernel did it')
