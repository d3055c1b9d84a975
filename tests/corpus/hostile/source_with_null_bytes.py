# It is refused as a whole.
# option: {"code": ["print(1)\u0000\nprint(2)"]}
# type: "SyntaxError"
# error: "executing Python code: SyntaxError('source code string cannot contain null bytes')"
# output: []
