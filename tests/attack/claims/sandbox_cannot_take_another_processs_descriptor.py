# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot take another processs descriptor

def attack():
    fd = call('pidfd_open', @VICTIM@, 0)
    return reached(call('pidfd_getfd', fd, 0, 0))
