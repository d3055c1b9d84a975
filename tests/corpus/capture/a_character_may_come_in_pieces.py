# A multi-byte character written byte by byte is one character.
import os
import sys

for byte in "é😀\n".encode():
    sys.stdout.buffer.write(bytes([byte]))
for byte in "日本\n".encode():
    os.write(2, bytes([byte]))
# stdout: ["é😀"]
# stderr: ["日本"]
