# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot connect to the hosts loopback

def attack():
    import socket
    try:
        socket.create_connection(('127.0.0.1', 1), 1)
    except ConnectionRefusedError as e:
        return reached(e)
