# sys.stdin, descriptor 0, getpass and the debugger meet its end and do not wait.
import os
import sys

print(os.read(0, 10), sys.stdin is None or sys.stdin.read() == "")
# output: ["b'' True"]
# ---
breakpoint()
print("behind it")
# outcome: "exception"
# error_contains: ""
# within_ms: 5000
