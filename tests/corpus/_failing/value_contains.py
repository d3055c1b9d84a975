# must_fail: ["value_contains"]
1 + 1
# value_contains: "3"
