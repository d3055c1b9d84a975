# must_fail: ["script"]
x = 1
# line: "3"
