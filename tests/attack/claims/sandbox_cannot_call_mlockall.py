# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call mlockall

def attack():
    try:
        call('mlockall', 0x7fffffff)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
