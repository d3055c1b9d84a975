# What lies in the C library's buffer at the end of the execution is output too.
import ctypes

ctypes.CDLL(None).printf(b"no newline")
# output: ["no newline"]
# ---
print("next")
# output: ["next"]
