# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call clock settime

def attack():
    try:
        call('clock_settime', 0, None)
    except OSError as e:
        if e.errno in (errno.EFAULT,): return reached(e)
        raise
    return reached('the kernel did it')
