# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by exec loader message

def attack():
    return reached(ctypes.CDLL('@SECRET@.so'))
