# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call perf event open

def attack():
    try:
        call('perf_event_open', None, 0, -1, -1, 0)
    except OSError as e:
        if e.errno in (errno.EFAULT,): return reached(e)
        raise
    return reached('the kernel did it')
