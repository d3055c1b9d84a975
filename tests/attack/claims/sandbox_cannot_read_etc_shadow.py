# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read etc shadow
# note: the host's password hashes
# twin: root

def attack():
    return reached(open('/etc/shadow').read(10))
