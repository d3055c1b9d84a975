# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open a udp socket

def attack():
    try:
        return reached(call('socket', 2, 2, 0))
    except OSError as e:
        if e.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EACCES): return reached(e)
        raise
