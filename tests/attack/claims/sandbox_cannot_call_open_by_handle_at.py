# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call open by handle at
# twin: root

def attack():
    try:
        call('open_by_handle_at', -1, 1, 0)
    except OSError as e:
        if e.errno in (errno.EFAULT,): return reached(e)
        raise
    return reached('the kernel did it')
