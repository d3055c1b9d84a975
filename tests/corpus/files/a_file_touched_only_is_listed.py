# A new time is a change: its content may be another.
import os
import time

open("a.txt", "w").write("same")
# ---
os.utime("a.txt", (1, 1))
# files: ["a.txt"]
# ---
time.sleep(0.02)
open("a.txt", "w").write("same")
# files: ["a.txt"]
# ---
print(open("a.txt").read())
# output: ["same"]
# files: []
