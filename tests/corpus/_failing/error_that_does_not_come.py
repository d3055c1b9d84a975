# must_fail: ["error"]
1 / 1
# error: "executing Python code: ZeroDivisionError('division by zero')"
