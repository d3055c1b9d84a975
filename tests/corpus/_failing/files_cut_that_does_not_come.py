# must_fail: ["files_cut"]
open("a.csv", "w").close()
# files_cut: true
