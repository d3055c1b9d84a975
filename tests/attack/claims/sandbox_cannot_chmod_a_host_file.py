# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot chmod a host file

def attack():
    os.chmod('@FOLDER@/writable', 0o666)
    return reached('changed')
