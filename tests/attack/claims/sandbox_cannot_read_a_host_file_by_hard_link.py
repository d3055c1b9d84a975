# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by hard link

def attack():
    os.link('@SECRET@', 'link')
    return reached(open('link').read())
