# must_fail: ["exit"]
exit(3)
# error_contains: "SystemExit"
# exit: 4
