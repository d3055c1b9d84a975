# SIGSTOP: nobody answers the interrupt, so the sandbox is killed.
# option: {"wall_ms": 300, "grace_ms": 200}
import os
import signal

print("before")
os.kill(os.getpid(), signal.SIGSTOP)
# outcome: "timeout"
# limit: "wall_ms"
# ended: true
# error_contains: "did not yield"
# output: ["before"]
# within_ms: 2000
