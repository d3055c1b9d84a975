# It is no part of the code.
# option: {"code": ["\ufeffprint(1)\nx = 1 / 0\n"]}
# output: ["1"]
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 2
