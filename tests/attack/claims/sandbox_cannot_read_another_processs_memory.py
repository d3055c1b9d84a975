# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read another processs memory

def attack():
    b = ctypes.create_string_buffer(8)
    v = (ctypes.c_uint64 * 2)(ctypes.addressof(b), 8)
    try:
        call('process_vm_readv', @VICTIM@, v, 1, v, 1, 0)
    except OSError as e:
        if e.errno == errno.EFAULT: return reached(e)
        raise
    return reached('read')
