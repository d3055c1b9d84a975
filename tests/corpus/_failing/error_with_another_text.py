# must_fail: ["error"]
1 / 0
# error: "executing Python code: ZeroDivisionError('divided by zero')"
