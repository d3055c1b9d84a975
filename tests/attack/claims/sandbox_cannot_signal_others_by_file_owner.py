# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by file owner

def attack():
    r, w = os.pipe()
    import fcntl
    fcntl.fcntl(r, fcntl.F_SETOWN, @VICTIM@)
    if fcntl.fcntl(r, fcntl.F_GETOWN) != @VICTIM@: return refused('not set')
    return reached('signalled')
