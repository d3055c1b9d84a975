# Bytes of C code and of child processes count like all others.
# option: {"output_bytes": 5}
import os

os.write(1, b"abc\ndef\nghi\n")
# output: ["abc", "de"]
# omitted: [4, 2]
# limit: "output_bytes"
