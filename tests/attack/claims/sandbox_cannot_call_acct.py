# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call acct
# twin: root

def attack():
    try:
        call('acct', b'/nowhere')
    except OSError as e:
        if e.errno in (errno.ENOENT, errno.ENOSYS): return reached(e)
        raise
    return reached('the kernel did it')
