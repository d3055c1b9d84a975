# must_fail: ["output"]
print("a")
# output: ["a", ""]
