# The place is that of the bracket.
a = 1
values = [1, 2
b = 2
# type: "SyntaxError"
# line: 3
# error_contains: "SyntaxError("
