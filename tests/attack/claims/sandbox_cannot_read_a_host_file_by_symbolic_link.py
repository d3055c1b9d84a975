# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by symbolic link

def attack():
    os.symlink('@SECRET@', 'link')
    return reached(open('link').read())
