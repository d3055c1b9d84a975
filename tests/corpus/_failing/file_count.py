# must_fail: ["file_count"]
open("a.csv", "w").close()
# file_count: 2
