# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call add key

def attack():
    try:
        call('add_key', None, None, None, 0, 0)
    except OSError as e:
        if e.errno in (errno.EFAULT,): return reached(e)
        raise
    return reached('the kernel did it')
