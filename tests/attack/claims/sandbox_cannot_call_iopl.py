# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call iopl

def attack():
    try:
        call('iopl', 0)
    except OSError as e:
        if e.errno in (errno.ENOSYS,): return reached(e)
        raise
    return reached('the kernel did it')
