# Names bound in one execution are there in the next ones, through failures too.
x = [1]
y = x
# ---
x.append(2)
z = 5
raise RuntimeError
# error: "executing Python code: RuntimeError()"
# ---
print(y, z)
del z
# output: ["[1, 2] 5"]
# ---
z
# error: "executing Python code: NameError(\"name 'z' is not defined\")"
# line: 1
