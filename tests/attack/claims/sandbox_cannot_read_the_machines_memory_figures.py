# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read the machines memory figures

def attack():
    return reached(open('/proc/meminfo').read(20))
