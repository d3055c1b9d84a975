# The message says what to do instead; nothing has happened.
import os

os.fork()
# type: "OSError"
# error_contains: "fork is not available in a sandbox: use threads, or ask the host for another sandbox"
# line: 4
# ---
import pty

pty.fork()
# outcome: "exception"
# error_contains: "fork"
# ---
print("unharmed")
# output: ["unharmed"]
