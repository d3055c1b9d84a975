# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read the hosts users

def attack():
    text = open('/etc/passwd').read()
    return reached(text[:20]) if 'daemon' in text else refused('only its own user is in it')
