# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot leave its process group

def attack():
    os.setpgid(0, 0)
    return reached('left')
