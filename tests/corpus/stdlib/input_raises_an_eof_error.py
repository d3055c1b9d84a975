# There is no standard input; the message says what to do.
name = input("Your name: ")
# type: "EOFError"
# message: "input() is not available in a sandbox: there is no standard input to read from; assign the value to a variable instead"
# error_contains: "executing Python code: EOFError('input() is not available in a sandbox"
# line: 2
# output: []
