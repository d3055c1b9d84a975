# must_fail: ["error", "outcome"]
1 / 0
