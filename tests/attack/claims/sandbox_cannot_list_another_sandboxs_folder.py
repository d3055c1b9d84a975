# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot list another sandboxs folder

def attack():
    return reached(os.listdir('@SIBLING@'))
