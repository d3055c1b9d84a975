# Neither one of an earlier execution nor one that came and went.
open("old.txt", "w").close()
# files: ["old.txt"]
# ---
import os

os.remove("old.txt")
open("short.txt", "w").close()
os.remove("short.txt")
# files: []
