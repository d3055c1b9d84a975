# must_fail: ["output"]
print("a")
print("b")
# output: ["a"]
