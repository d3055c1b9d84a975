# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot change another processs limits

def attack():
    import resource
    return reached(resource.prlimit(@VICTIM@, resource.RLIMIT_CORE, (0, 0)))
