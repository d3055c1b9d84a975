# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot lock memory
# twin: root

def attack():
    b = ctypes.create_string_buffer(32 << 20)
    call('mlock', b, 32 << 20)
    return reached('32 MiB')
