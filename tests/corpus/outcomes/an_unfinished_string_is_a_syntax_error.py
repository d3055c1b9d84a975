# The place is where it begins.

text = 'never closed
# type: "SyntaxError"
# line: 3
# error_contains: "unterminated string literal"
