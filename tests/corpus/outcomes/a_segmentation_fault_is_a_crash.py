# Signal 11; the output before it is kept, and Python says on stderr where it was.
import ctypes

print("before")
print("also", end="")
ctypes.string_at(8)
# outcome: "crashed"
# signal: 11
# ended: true
# error: "executing Python code: the sandbox crashed with signal 11 (SIGSEGV: Segmentation fault)"
# stdout: ["before", "also"]
# stderr_contains: ["Fatal Python error: Segmentation fault", "File \"<execution 1>\", line 6 in <module>"]
# ---
print("fresh")
# output: ["fresh"]
