# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot bind a pair to a name

def attack():
    import socket
    a, b = socket.socketpair()
    try:
        a.bind('name')
    except OSError as e:
        if e.errno == errno.EINVAL: return reached(e)
        raise
    return reached('bound')
