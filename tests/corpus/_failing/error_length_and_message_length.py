# must_fail: ["error_length", "message_length"]
1 / 0
# error_contains: "ZeroDivisionError"
# error_length: 1
# message_length: 1
