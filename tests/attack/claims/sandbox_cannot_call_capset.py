# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call capset

def attack():
    try:
        call('capset', None, None)
    except OSError as e:
        if e.errno in (errno.EFAULT,): return reached(e)
        raise
    return reached('the kernel did it')
