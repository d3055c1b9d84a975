# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot clone without thread flag

def attack():
    pid = call('clone', 17 | 0x8000, 0, 0, 0, 0)
    if pid == 0: os._exit(0)
    return reached(pid)
