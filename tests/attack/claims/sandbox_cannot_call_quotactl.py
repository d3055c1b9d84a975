# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call quotactl

def attack():
    try:
        call('quotactl', 0x800001, None, 0, None)
    except OSError as e:
        if e.errno in (errno.ENODEV, errno.ENOTBLK, errno.EFAULT, errno.ENOENT, errno.EINVAL, errno.ENOSYS): return reached(e)
        raise
    return reached('the kernel did it')
