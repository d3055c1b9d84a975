# The parser gives up with an exception.
# option: {"code": ["x = ", ["(", 5000], "1", [")", 5000]]}
# outcome: "exception"
# type: "SyntaxError"
# error_contains: "too many nested parentheses"
# ---
# option: {"code": ["x = ", ["[", 150], ["]", 150], "\nprint('nested')"]}
# output: ["nested"]
