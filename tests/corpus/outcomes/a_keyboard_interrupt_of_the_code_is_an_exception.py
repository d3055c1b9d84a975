# Nobody cancelled.
raise KeyboardInterrupt
# outcome: "exception"
# type: "KeyboardInterrupt"
# error: "executing Python code: KeyboardInterrupt()"
