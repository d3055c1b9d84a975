# A structure of 64 MiB is passed by value, that is on the stack.
import ctypes


class Big(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_char * (64 << 20))]


print("before")
ctypes.CDLL(None).abs(Big())
# outcome: "crashed"
# signal: 11
# ended: true
# error_contains: "SIGSEGV"
# stdout: ["before"]
