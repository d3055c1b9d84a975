# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot kill the template

def attack():
    os.kill(os.getppid(), 0)
    return reached(os.getppid())
