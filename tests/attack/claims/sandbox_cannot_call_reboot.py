# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot call reboot
# twin: root

def attack():
    try:
        call('reboot', 1, 2, 3, 0)
    except OSError as e:
        if e.errno in (errno.EINVAL,): return reached(e)
        raise
    return reached('the kernel did it')
