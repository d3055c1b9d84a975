# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot run a shell

def attack():
    r = os.system('true')
    return reached(r) if r == 0 else refused(r)
