# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot make a million files
# note: limits: 1000 files

def attack():
    try:
        for i in range(2000): open(f'f{i}', 'w').close()
    except OSError as e:
        return refused(f'{i}: {e}')
    return reached('2000 files')
