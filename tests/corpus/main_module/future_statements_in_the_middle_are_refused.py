# As in a file, they have to come first.
x = 1
from __future__ import annotations
# type: "SyntaxError"
# line: 3
# error_contains: "from __future__ imports must occur at the beginning of the file"
# ---
print("x" in globals())
# output: ["False"]
