# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write kernel settings
# twin: root

def attack():
    fd = os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)
    return reached(fd)
