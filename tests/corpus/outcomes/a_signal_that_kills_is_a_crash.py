# SIGTERM sent to itself has no handler.
import os
import signal

print("before")
os.kill(os.getpid(), signal.SIGTERM)
# outcome: "crashed"
# signal: 15
# ended: true
# error_contains: "SIGTERM"
# output: ["before"]
