# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call syslog
# twin: root

def attack():
    call('syslog', 10, None, 0)
    return reached('the kernel did it')
