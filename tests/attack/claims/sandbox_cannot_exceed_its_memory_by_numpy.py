# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot exceed its memory by numpy

def attack():
    import numpy
    try:
        numpy.ones(1 << 30, dtype='u1')
    except MemoryError as e:
        return refused('MemoryError')
    return reached('1 GiB')
