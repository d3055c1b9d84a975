# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot see another sandboxs file

def attack():
    return reached(os.stat('@SIBLING@/data.txt').st_size)
