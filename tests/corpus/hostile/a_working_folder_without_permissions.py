# What cannot be read cannot be listed.
import os

open("a.txt", "w").close()
os.mkdir("sub")
open("sub/b.txt", "w").close()
os.chmod("sub", 0)
# outcome: "ok"
# ---
os.chmod("sub", 0o700)
print(os.listdir("sub"))
# output: ["['b.txt']"]
