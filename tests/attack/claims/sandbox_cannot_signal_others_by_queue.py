# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by queue

def attack():
    info = ctypes.create_string_buffer(128)
    info[8:12] = (-1).to_bytes(4, 'little', signed=True)
    call('rt_sigqueueinfo', @VICTIM@, 0, info)
    return reached('signalled')
