# must_fail: ["output"]
x = 1
# ---
print(x)
# output: ["1"]
# ---
print(x)
# output: ["2"]
