# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot reconnect a stream pair

def attack():
    import socket
    a, b = socket.socketpair()
    try:
        a.connect('@SOCKET@')
    except OSError as e:
        if e.errno in (errno.EISCONN, errno.EPROTOTYPE): return reached(e)
        raise
