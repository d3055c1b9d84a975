# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot compare processes

def attack():
    return reached(call('kcmp', os.getpid(), @VICTIM@, 2, 0, 0))
