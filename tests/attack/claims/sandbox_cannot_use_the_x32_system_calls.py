# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot use the x32 system calls
# twin: skip

def attack():
    ctypes.set_errno(0)
    r = libc.syscall(ctypes.c_long(0x40000000 | 39))
    return reached(r) if r > 0 else refused(os.strerror(ctypes.get_errno()))
