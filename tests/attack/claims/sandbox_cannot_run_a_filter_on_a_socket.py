# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot run a filter on a socket

def attack():
    import socket, struct
    a, b = socket.socketpair()
    code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0xffff))
    program = struct.pack('HxxxxxxQ', 1, ctypes.addressof(code))
    a.setsockopt(socket.SOL_SOCKET, 26, program)
    return reached('attached')
