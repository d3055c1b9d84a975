# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call init module
# twin: root

def attack():
    try:
        call('init_module', None, 0, None)
    except OSError as e:
        if e.errno in (errno.EFAULT, errno.ENOEXEC, errno.ENOSYS): return reached(e)
        raise
    return reached('the kernel did it')
