# Neither when the expression itself fails nor before it.
1 / 0
# value: null
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 2
# ---
raise ValueError
5
# value: null
# error: "executing Python code: ValueError()"
