# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot trace itself
# twin: skip

def attack():
    return reached(call('ptrace', 0x4206, os.getpid(), 0, 0))
