# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host process entry

def attack():
    return reached(open('/proc/@VICTIM@/cmdline').read())
