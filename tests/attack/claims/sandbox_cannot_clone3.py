# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot clone3

def attack():
    args = (ctypes.c_uint64 * 11)()
    args[4] = 17
    pid = call('clone3', args, 88)
    if pid == 0: os._exit(0)
    os.waitpid(pid, 0)
    return reached(pid)
