# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call swapon
# twin: root

def attack():
    try:
        call('swapon', b'/nowhere', 0)
    except OSError as e:
        if e.errno in (errno.ENOENT, errno.ENOSYS): return reached(e)
        raise
    return reached('the kernel did it')
