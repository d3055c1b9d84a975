# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot swap its working folder for a link

def attack():
    d = os.getcwd()
    os.rename(d, d + '.old')
    os.rename(d + '.old', d)
    return reached('swapped')
