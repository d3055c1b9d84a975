# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot bind another process to a processor

def attack():
    os.sched_setaffinity(@VICTIM@, {0})
    return reached('bound')
