# With its name and the MIME type of its ending.
open("result.csv", "w").write("a,b\n1,2\n")
# files: ["result.csv"]
# mime: ["text/csv"]
# ---
x = 1
# files: []
