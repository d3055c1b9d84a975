# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot raise its limits

def attack():
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY: return reached('there is none')
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard + (1 << 30)))
    return reached('raised')
