# os.system and os.popen.
# option: {"processes": true}
import os

print("one")
print(os.system("echo two; exit 3") >> 8)
print(os.popen("echo three").read())
# output: ["one", "two", "3", "three\n"]
