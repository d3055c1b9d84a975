# Imports load anew what they can; engine and output go on.
import sys

sys.modules.clear()
# ---
print("alive")
x = 1
import sys as again

print(again is sys)
# output: ["alive", "True"]
# ---
1 / 0
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 1
