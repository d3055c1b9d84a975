# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by proc cwd

def attack():
    up = '/..' * 20
    return reached(open('/proc/self/cwd' + up + '@SECRET@').read())
