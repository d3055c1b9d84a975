# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot exceed its mount namespace by mountinfo

def attack():
    mounts = [line.split() for line in open('/proc/self/mountinfo')]
    roots = [mount[2] for mount in mounts if mount[4] == '/']
    return reached(roots) if '@ROOTDEVICE@' in roots else refused(f'{len(mounts)} mounts of its own')
