# The line in the executed code is that of the import.
with open("bad_module.py", "w") as file:
    file.write("x = (\n")

import bad_module
# type: "SyntaxError"
# line: 5
# traceback: "bad_module.py\", line 1"
# error_contains: "'(' was never closed"
