# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read the hosts environment of the template
# twin: skip

def attack():
    text = open('/proc/self/environ').read()
    return reached('there') if 'ATTACK_SECRET' in text else refused('not in it')
