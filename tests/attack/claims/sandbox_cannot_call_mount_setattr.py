# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call mount setattr

def attack():
    try:
        call('mount_setattr', -100, b'/', 0x7fff0000, None, 0)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
