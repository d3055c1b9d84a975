# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by kill own group by zero

def attack():
    os.kill(0, 0)
    return reached('signalled')
