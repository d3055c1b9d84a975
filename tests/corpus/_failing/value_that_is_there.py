# must_fail: ["value"]
1 + 1
# value: null
