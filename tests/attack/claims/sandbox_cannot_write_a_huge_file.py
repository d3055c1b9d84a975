# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write a huge file

def attack():
    with open('huge', 'wb', buffering=0) as f:
        os.ftruncate(f.fileno(), 1 << 30)
    return reached('1 GiB')
