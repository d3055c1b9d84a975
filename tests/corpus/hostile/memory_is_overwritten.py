# Random writes into its own memory harm nobody else.
import ctypes
import sys

print("before")
for offset in range(0, 4096, 8):
    ctypes.memset(id(sys.modules) + offset, 0xFF, 8)
import json
# ended: true
# error_contains: ""
# ---
print("fresh")
# output: ["fresh"]
