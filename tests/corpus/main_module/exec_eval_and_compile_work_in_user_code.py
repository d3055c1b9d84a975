# Code made by code runs in whatever namespace it is given.
exec("made = 1 + 1")
space = {}
exec(compile("def f():\n    return 3", "made.py", "exec"), space)
print(made, eval("made * 10"), space["f"]())
# output: ["2 20 3"]
# ---
eval("1 +")
# type: "SyntaxError"
# error_contains: "invalid syntax"
# line: 1
