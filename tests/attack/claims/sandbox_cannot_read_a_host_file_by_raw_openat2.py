# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by raw openat2

def attack():
    how = (ctypes.c_uint64 * 3)(0, 0, 0)
    fd = call('openat2', -100, b'@SECRET@', how, 24)
    return reached(os.read(fd, 100))
