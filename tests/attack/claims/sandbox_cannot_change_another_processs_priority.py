# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot change another processs priority

def attack():
    os.setpriority(os.PRIO_PROCESS, @VICTIM@, 5)
    return reached('changed')
