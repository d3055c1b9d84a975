# must_fail: ["stderr_contains"]
print("a")
# stderr_contains: ["a"]
