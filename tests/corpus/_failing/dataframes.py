# must_fail: ["dataframes"]
x = 1
# dataframes: [["x", 1, 1]]
