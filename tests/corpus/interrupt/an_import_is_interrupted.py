# A module that never comes to its end; it is not half imported.
# option: {"cancel_on": "ready"}
with open("endless_module.py", "w") as file:
    file.write("print('ready')\nwhile True:\n    pass\n")
import endless_module
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# line: 5
# ---
import sys

print("endless_module" in sys.modules)
# output: ["False"]
