# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call umount

def attack():
    try:
        call('umount2', b'/nowhere', 0x7fff0000)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
