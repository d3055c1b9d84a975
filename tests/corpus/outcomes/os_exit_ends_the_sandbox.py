# The status is kept, and so is the output before it.
import os

print("last words")
os.write(2, b"and these")
os._exit(3)
# outcome: "exit"
# exit: 3
# ended: true
# error: "executing Python code: the process exited with status 3"
# output: ["last words", "and these"]
# ---
print("a fresh sandbox", "os" in globals())
# output: ["a fresh sandbox False"]
