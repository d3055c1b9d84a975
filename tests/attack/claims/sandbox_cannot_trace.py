# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot trace

def attack():
    call('ptrace', 0x4206, @VICTIM@, 0, 0)
    return reached('attached')
