# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot send to a named socket from a pair

def attack():
    import socket
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.sendto(b'x', '@SOCKET@')
    return reached('sent')
