# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot open ten thousand files

def attack():
    keep = []
    try:
        for i in range(900): keep.append(open('/dev/null'))
    except OSError as e:
        n = len(keep)
        keep.clear()
        return refused(f'{n}: {e}')
    return reached(len(keep))
