# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot resolve names
# twin: skip

def attack():
    import socket
    try:
        return reached(socket.getaddrinfo('example.com', 80)[0])
    except socket.gaierror as e:
        return refused(e)
