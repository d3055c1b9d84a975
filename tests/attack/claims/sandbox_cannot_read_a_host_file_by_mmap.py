# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by mmap

def attack():
    import mmap
    with open('@SECRET@') as f:
        return reached(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:5])
