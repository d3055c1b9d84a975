# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call remap file pages

def attack():
    try:
        call('remap_file_pages', 1, 1, 1, 1, 1)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
