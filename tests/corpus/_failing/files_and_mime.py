# must_fail: ["files", "mime"]
open("a.csv", "w").close()
# files: ["b.csv"]
# mime: ["text/plain"]
