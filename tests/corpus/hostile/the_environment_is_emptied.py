# os.environ without anything, TMPDIR and HOME included.
import os

os.environ.clear()
# ---
open("here.txt", "w").close()
print(len(os.environ))
# output: ["0"]
# files: ["here.txt"]
