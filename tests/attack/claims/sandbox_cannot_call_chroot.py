# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call chroot

def attack():
    try:
        call('chroot', b'/nowhere')
    except OSError as e:
        if e.errno in (errno.ENOENT,): return reached(e)
        raise
    return reached('the kernel did it')
