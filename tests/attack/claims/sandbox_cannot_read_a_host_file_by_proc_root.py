# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by proc root

def attack():
    return reached(open('/proc/self/root@SECRET@').read())
