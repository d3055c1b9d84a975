# A list of many numbers in one line.
# option: {"code": ["values = [", ["1234567, ", 116000], "0]\nprint(len(values))\nundefined"]}
# output: ["116001"]
# error_contains: "NameError"
# line: 3
# ---
# option: {"code": ["text = '", ["x", 2000000], "'; print(len(text)); 1 / 0"]}
# output: ["2000000"]
# error_contains: "ZeroDivisionError"
# line: 1
