# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by dot dot

def attack():
    return reached(open('../' * 20 + '@SECRET@').read())
