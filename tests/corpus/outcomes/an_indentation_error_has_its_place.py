# A subclass of SyntaxError, with its own name.
if True:
print("x")
# type: "IndentationError"
# line: 3
# error_contains: "expected an indented block after 'if' statement on line 2"
# ---
x = 1
    y = 2
# type: "IndentationError"
# line: 2
# error_contains: "unexpected indent"
