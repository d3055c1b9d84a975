# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot gain privileges

def attack():
    return reached('may') if 'NoNewPrivs:\t0' in open('/proc/self/status').read() else refused('no_new_privs')
