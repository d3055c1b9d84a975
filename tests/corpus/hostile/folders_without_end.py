# Deeper than the list of files goes.
import os

for number in range(40):
    os.mkdir("d")
    os.chdir("d")
open("bottom.txt", "w").close()
# files_cut: true
# files: []
