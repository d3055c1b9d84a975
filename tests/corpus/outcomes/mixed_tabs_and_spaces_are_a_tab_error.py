# Python's own judgement.
# option: {"code": ["if True:\n        x = 1\n\ty = 2\n"]}
# type: "TabError"
# line: 3
# error_contains: "inconsistent use of tabs and spaces in indentation"
