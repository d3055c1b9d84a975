# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by numpy fromfile

def attack():
    import numpy
    return reached(bytes(numpy.fromfile('@SECRET@', dtype='u1')))
