# What lay in the pipes, and an unfinished line.
import ctypes
import os
import sys

os.write(1, b"from a descriptor\nhalf a line")
sys.stdout.write("unfinished")
ctypes.string_at(8)
# outcome: "crashed"
# signal: 11
# ended: true
# error_contains: "SIGSEGV"
# output_contains: ["from a descriptor", "half a line", "unfinished"]
