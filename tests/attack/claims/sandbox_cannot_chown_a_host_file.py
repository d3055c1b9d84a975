# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot chown a host file

def attack():
    os.chown('@FOLDER@/writable', os.getuid(), os.getgid())
    return reached('changed')
