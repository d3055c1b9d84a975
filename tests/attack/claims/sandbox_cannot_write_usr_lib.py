# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write usr lib
# twin: root

def attack():
    os.mkdir('/usr/lib/attack')
    os.rmdir('/usr/lib/attack')
    return reached('written')
