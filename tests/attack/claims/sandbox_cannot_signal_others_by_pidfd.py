# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot signal others by pidfd

def attack():
    fd = call('pidfd_open', @VICTIM@, 0)
    call('pidfd_send_signal', fd, 0, None, 0)
    return reached('signalled')
