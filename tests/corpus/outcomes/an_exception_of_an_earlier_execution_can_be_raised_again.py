# Its traceback has the frames of both.
try:
    1 / 0
except ZeroDivisionError as error:
    saved = error
# ---
print("again")
raise saved
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 2
# traceback: "<execution 1>"
# traceback: "<execution 2>"
# output: ["again"]
