# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot exceed its memory
# note: limits: memory 512 MiB

def attack():
    import mmap
    keep = []
    try:
        for i in range(64): keep.append(mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    except (MemoryError, OSError) as e:
        return refused(f'{len(keep) * 16} MiB, {e}')
    return reached('1 GiB')
