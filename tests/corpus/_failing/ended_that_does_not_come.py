# must_fail: ["ended"]
x = 1
# ended: true
