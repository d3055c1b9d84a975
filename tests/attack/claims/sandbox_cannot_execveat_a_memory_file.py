# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot execveat a memory file

def attack():
    try:
        call('execveat', 0x7fffffff, b'', None, None, 0x1000)
    except OSError as e:
        if e.errno == errno.EBADF: return reached(e)
        raise
