# Windows and old Mac line ends.
# option: {"code": ["x = 1\r\nif x:\r\n    print('''a\r\nb''')\r\n1 / 0\r\n"]}
# output: ["a\nb"]
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 5
# traceback: "    1 / 0\n"
# ---
# option: {"code": ["x = 2\rprint(x)\r"]}
# output: ["2"]
