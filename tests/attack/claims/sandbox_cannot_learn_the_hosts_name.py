# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot learn the hosts name

def attack():
    n = os.uname().nodename
    return reached(n) if n == '@HOSTNAME@' else refused(n)
