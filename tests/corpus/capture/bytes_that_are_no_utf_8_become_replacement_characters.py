# From the buffer, from a descriptor, and at the very end of the output.
import os
import sys

sys.stdout.buffer.write(b"a\xffb\n")
os.write(1, b"c\xc3(d\n")
os.write(2, b"\xc3")
# stdout: ["a\ufffdb", "c\ufffd(d"]
# stderr: ["\ufffd"]
