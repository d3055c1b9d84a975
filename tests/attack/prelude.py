# SPDX-License-Identifier: Apache-2.0
# Put in front of every attack.
import ctypes, errno, os

libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    name: int(number)
    for name, number in (
        pair.split(':')
        for pair in '@NUMBERS@'.split()
    )
}


def call(name, *arguments):
    """A system call past every library's own checks."""
    ctypes.set_errno(0)
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *values)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def reached(what):
    return f'REACHED: {what}'


def refused(what):
    return f'refused: {what}'
