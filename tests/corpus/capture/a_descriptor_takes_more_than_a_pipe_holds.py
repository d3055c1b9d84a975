# C code that fills the pipe behind descriptor 1 does not block for ever, whether it holds the GIL or not.
import ctypes
import os

line = b"x" * 999 + b"\n"
left = os.write(1, line * 500)
left += ctypes.PyDLL(None).write(2, line * 300, len(line) * 300)
print(left)
# output_count: 801
# output_contains: ["800000"]
