# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot drop its filter

def attack():
    return reached('none') if 'Seccomp:\t0' in open('/proc/self/status').read() else refused('a filter is there')
