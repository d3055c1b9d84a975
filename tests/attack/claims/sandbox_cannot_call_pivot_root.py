# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call pivot root
# twin: root

def attack():
    try:
        call('pivot_root', b'/nowhere', b'/nowhere')
    except OSError as e:
        if e.errno in (errno.ENOENT, errno.EINVAL): return reached(e)
        raise
    return reached('the kernel did it')
