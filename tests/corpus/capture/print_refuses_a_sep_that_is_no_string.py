# The message is Python's own.
print("a", "b", sep=3)
# output: []
# error: "executing Python code: TypeError('sep must be None or a string, not int')"
# ---
print("a", "b", end=b"")
# error: "executing Python code: TypeError('end must be None or a string, not bytes')"
