# must_fail: ["script"]
x = 1
# line: 0
# line: 0
