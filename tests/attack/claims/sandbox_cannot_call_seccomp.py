# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call seccomp

def attack():
    try:
        call('seccomp', 99, 0, 0)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
