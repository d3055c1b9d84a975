# A name in the globals is the user's to keep.
print = 5
# ---
print("x")
# error: "executing Python code: TypeError(\"'int' object is not callable\")"
# ---
del print
print("back")
# output: ["back"]
