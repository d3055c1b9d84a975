# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot truncate a host file on open

def attack():
    os.open('@FOLDER@/writable', os.O_RDONLY | os.O_TRUNC)
    return reached('truncated')
