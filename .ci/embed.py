# SPDX-License-Identifier: Apache-2.0
"""Turns a text file into the elements of a C array of char: embed.py FILE > FILE.inc"""

import sys

with open(sys.argv[1], "rb") as file:
    data = file.read()
for start in range(0, len(data), 20):
    print(",".join(str(byte if byte < 128 else byte - 256) for byte in data[start:start + 20])
          + ("," if start + 20 < len(data) else ""))
