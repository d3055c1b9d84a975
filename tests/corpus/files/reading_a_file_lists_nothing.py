# Nor does asking about it.
open("a.txt", "w").write("text")
# ---
import os

print(open("a.txt").read(), os.stat("a.txt").st_size, os.listdir("."))
# output: ["text 4 ['a.txt']"]
# files: []
