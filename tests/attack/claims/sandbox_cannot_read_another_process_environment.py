# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read another process environment

def attack():
    return reached(open('/proc/@VICTIM@/environ').read())
