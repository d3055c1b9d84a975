# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call sethostname
# twin: root

def attack():
    try:
        call('sethostname', None, 65)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
