# must_fail: ["stderr", "stdout"]
print("a")
# stdout: []
# stderr: ["a"]
