# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open another processs memory

def attack():
    return reached(os.open('/proc/@VICTIM@/mem', os.O_RDWR))
