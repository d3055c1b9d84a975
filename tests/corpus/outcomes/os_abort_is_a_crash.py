# Signal 6; the output before it is kept, and Python says on stderr where it was.
import os

print("before")
os.abort()
# outcome: "crashed"
# signal: 6
# ended: true
# error: "executing Python code: the sandbox crashed with signal 6 (SIGABRT: Aborted)"
# stdout: ["before"]
# stderr_contains: ["Fatal Python error: Aborted", "File \"<execution 1>\", line 5 in <module>"]
