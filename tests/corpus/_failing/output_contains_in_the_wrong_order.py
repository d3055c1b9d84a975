# must_fail: ["output_contains"]
print("a")
print("b")
# output_contains: ["b", "a"]
