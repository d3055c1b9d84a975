# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call unshare user

def attack():
    try:
        call('unshare', 0x7fffffff)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
