# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call kexec load
# twin: root

def attack():
    try:
        call('kexec_load', 0, 0, 0, 0xffff)
    except OSError as e:
        if e.errno in (errno.EINVAL, errno.ENOSYS): return reached(e)
        raise
    return reached('the kernel did it')
