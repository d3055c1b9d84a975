# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot exceed its mount namespace by mountinfo

def attack():
    n = len(open('/proc/self/mountinfo').read().splitlines())
    text = open('/proc/self/mountinfo').read()
    return reached(n) if ' / / ' in text and 'ext4' in text.split(' / / ')[1].splitlines()[0] else refused(f'{n} mounts of its own')
