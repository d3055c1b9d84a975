# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open the templates memory

def attack():
    return reached(os.open(f'/proc/{os.getppid()}/mem', os.O_RDWR))
