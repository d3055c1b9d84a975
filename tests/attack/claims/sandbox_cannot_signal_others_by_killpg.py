# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by killpg

def attack():
    os.killpg(os.getpgid(0) or 1, 0)
    return reached('signalled')
