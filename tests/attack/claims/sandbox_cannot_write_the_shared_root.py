# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write the shared root
# twin: root

def attack():
    os.mkdir('/attack')
    os.rmdir('/attack')
    return reached('made')
