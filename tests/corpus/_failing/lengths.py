# must_fail: ["lengths"]
print("é")
# lengths: [1]
