# The code sends its C output where it likes.
import os

saved = os.dup(1)
file = os.open("log.txt", os.O_WRONLY | os.O_CREAT)
os.dup2(file, 1)
os.write(1, b"into the file\n")
print("printed")
os.dup2(saved, 1)
os.write(1, b"into the output\n")
print(open("log.txt").read())
# output: ["printed", "into the output", "into the file\n"]
