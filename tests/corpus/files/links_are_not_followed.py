# Symbolic links are neither listed nor followed; a second name of a file is a file.
import os

open("real.txt", "w").write("x")
os.symlink("real.txt", "link.txt")
os.symlink("/etc", "system")
os.symlink("nowhere", "broken")
# files: ["real.txt"]
# ---
os.link("real.txt", "second.txt")
# files: ["real.txt", "second.txt"]
