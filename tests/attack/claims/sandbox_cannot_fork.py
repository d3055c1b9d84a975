# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot fork

def attack():
    pid = call('fork')
    if pid == 0: os._exit(0)
    os.waitpid(pid, 0)
    return reached(pid)
