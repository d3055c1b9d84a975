# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot execve

def attack():
    # A path that is no program: the kernel says so where execve is allowed.
    try:
        os.execv('/etc/ld.so.cache', ['x'])
    except OSError as e:
        if e.errno in (errno.EACCES, errno.ENOEXEC): return reached(e)
        raise
