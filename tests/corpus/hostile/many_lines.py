# A hundred thousand statements.
# option: {"code": ["x = 0\n", ["x += 1\n", 100000], "print(x)\n1 / 0"]}
# output: ["100000"]
# error_contains: "ZeroDivisionError"
# line: 100003
