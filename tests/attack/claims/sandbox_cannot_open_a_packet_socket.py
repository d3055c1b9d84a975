# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open a packet socket
# twin: root

def attack():
    try:
        return reached(call('socket', 17, 3, 0))
    except OSError as e:
        if e.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EACCES): return reached(e)
        raise
