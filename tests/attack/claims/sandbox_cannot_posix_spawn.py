# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot posix spawn

def attack():
    pid = os.posix_spawn('/bin/true', ['true'], {})
    os.waitpid(pid, 0)
    return reached(pid)
