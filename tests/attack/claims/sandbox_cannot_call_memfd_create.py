# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call memfd create

def attack():
    os.close(call('memfd_create', b'x', 0))
    return reached('the kernel did it')
