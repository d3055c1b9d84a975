# The old name is gone.
open("before.txt", "w").write("x")
# ---
import os

os.rename("before.txt", "after.txt")
# files: ["after.txt"]
# ---
os.replace("after.txt", "again.txt")
# files: ["again.txt"]
