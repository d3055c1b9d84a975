# They are new names.
import os

os.mkdir("one")
open("one/a.txt", "w").write("x")
# ---
os.rename("one", "two")
# files: ["two/a.txt"]
