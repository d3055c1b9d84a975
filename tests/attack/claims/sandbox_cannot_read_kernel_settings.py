# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read kernel settings

def attack():
    return reached(open('/proc/sys/kernel/osrelease').read())
