# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot fill the disk
# note: limits: disk 16 MiB

def attack():
    try:
        with open('big', 'wb') as f:
            for i in range(64): f.write(bytes(1 << 20)); f.flush()
    except OSError as e:
        return refused(e)
    return reached('64 MiB')
