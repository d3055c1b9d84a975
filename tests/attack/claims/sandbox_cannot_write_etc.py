# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write etc
# twin: root

def attack():
    open('/etc/attack', 'w').close()
    os.unlink('/etc/attack')
    return reached('written')
