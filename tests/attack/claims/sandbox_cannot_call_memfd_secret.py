# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call memfd secret

def attack():
    try:
        os.close(call('memfd_secret', 0))
    except OSError as e:
        if e.errno in (errno.ENOSYS,): return reached(e)
        raise
    return reached('the kernel did it')
