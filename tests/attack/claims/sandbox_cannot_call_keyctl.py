# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call keyctl

def attack():
    try:
        call('keyctl', 0, -3, 0)
    except OSError as e:
        if e.errno in (errno.ENOKEY,): return reached(e)
        raise
    return reached('the kernel did it')
