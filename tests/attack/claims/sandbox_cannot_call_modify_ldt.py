# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call modify ldt

def attack():
    call('modify_ldt', 0, None, 0)
    return reached('the kernel did it')
