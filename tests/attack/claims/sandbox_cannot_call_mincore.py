# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call mincore

def attack():
    try:
        call('mincore', 1, 1, None)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
