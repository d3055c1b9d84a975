# must_fail: ["outcome_in"]
1 / 0
# outcome_in: ["killed", "exit"]
