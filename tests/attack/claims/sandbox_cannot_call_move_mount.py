# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call move mount
# twin: root

def attack():
    try:
        call('move_mount', -1, b'', -1, b'', 0x7f000000)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
