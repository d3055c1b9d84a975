# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call fanotify
# twin: root

def attack():
    try:
        call('fanotify_init', 0x7fffffff, 0)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
