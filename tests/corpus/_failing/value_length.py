# must_fail: ["value_length"]
1 + 1
# value_length: 2
