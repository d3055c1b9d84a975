# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot see network devices

def attack():
    text = open('/proc/self/net/dev').read()
    names = [l.split(':')[0].strip() for l in text.splitlines()[2:]]
    return reached(names) if names != ['lo'] else refused('only an own loopback, which is down')
