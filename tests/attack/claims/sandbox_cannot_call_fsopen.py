# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call fsopen
# twin: root

def attack():
    os.close(call('fsopen', b'tmpfs', 0))
    return reached('the kernel did it')
