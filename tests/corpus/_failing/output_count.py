# must_fail: ["output_count"]
print("a")
# output_count: 2
