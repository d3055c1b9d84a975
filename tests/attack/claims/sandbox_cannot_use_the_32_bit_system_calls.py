# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot use the 32 bit system calls
# twin: x86

def attack():
    import mmap
    # mov eax, 20 (getpid of the 32-bit table); int 0x80; ret
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))
    run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    r = run()
    return reached(r) if r > 0 else refused(os.strerror(-r))
