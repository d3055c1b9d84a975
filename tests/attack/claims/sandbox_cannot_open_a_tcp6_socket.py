# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open a tcp6 socket

def attack():
    try:
        return reached(call('socket', 10, 1, 0))
    except OSError as e:
        if e.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EACCES): return reached(e)
        raise
