# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by raw open

def attack():
    fd = call('open', b'@SECRET@', 0, 0)
    return reached(os.read(fd, 100))
