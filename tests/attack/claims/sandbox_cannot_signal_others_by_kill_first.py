# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by kill first
# twin: root

def attack():
    os.kill(1, 0)
    return reached('signalled')
