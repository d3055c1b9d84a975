# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call migrate pages

def attack():
    try:
        call('migrate_pages', 0, 0, None, None)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
