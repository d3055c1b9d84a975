# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by file handle
# twin: device, some file systems have no handles

def attack():
    h = ctypes.create_string_buffer(b'\x80\0\0\0' + b'\0' * 132)
    m = ctypes.c_int()
    call('name_to_handle_at', -100, b'@SECRET@', h, ctypes.byref(m), 0)
    return reached('a handle')
