# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot truncate a host file by path

def attack():
    os.truncate('@FOLDER@/writable', 1)
    return reached('truncated')
