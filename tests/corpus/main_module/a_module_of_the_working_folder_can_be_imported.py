# The working folder is the first place to look for modules; no byte code is written beside them.
with open("helper.py", "w") as file:
    file.write("def answer():\n    return 42\n")
import helper

print(helper.answer())
# output: ["42"]
# files: ["helper.py"]
# ---
with open("helper.py", "w") as file:
    file.write("def answer():\n    return 'changed, and longer'\n")
import importlib

print(importlib.reload(helper).answer())
# output: ["changed, and longer"]
# files: ["helper.py"]
