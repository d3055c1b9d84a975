# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read kernel address hints

def attack():
    return reached(open('/proc/kallsyms').read(20))
