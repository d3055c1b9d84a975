# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot clone a process

def attack():
    pid = call('clone', 17, 0, 0, 0, 0)
    if pid == 0: os._exit(0)
    os.waitpid(pid, 0)
    return reached(pid)
