# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot bind an abstract name

def attack():
    import socket
    s = socket.socket(socket.AF_UNIX)
    s.bind(b'\0attack')
    return reached('bound')
