# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot become real time

def attack():
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return reached('changed')
