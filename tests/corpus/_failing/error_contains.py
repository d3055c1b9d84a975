# must_fail: ["error_contains"]
1 / 0
# error_contains: "ValueError"
