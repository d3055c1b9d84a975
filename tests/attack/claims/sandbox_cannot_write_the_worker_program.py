# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot write the worker program
# twin: skip

def attack():
    try:
        return reached(os.open('/proc/self/exe', os.O_WRONLY))
    except OSError as e:
        if e.errno == errno.ETXTBSY: return refused(e)
        raise
