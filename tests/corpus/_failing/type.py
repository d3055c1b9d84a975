# must_fail: ["type"]
1 / 0
# error_contains: "ZeroDivisionError"
# type: "ArithmeticError"
