# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot stat other process entries

def attack():
    own = {os.getpid(), *map(int, os.listdir('/proc/self/task'))}
    found = [p for p in range(1, 5000) if p not in own and os.path.exists(f'/proc/{p}/stat')]
    return reached(found[:5]) if found else refused('none is there')
