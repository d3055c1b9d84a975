# must_fail: ["script"]
x = 1
# outptu: []
