# Nobody can say who sent it.
import os
import signal

print("before")
os.kill(os.getpid(), signal.SIGKILL)
# outcome: "killed"
# signal: 9
# ended: true
# error_contains: "the sandbox was killed from outside"
# output: ["before"]
