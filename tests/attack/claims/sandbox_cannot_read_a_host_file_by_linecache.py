# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by linecache

def attack():
    import linecache
    line = linecache.getline('@SECRET@', 1)
    return reached(line) if line else refused('nothing there')
