# The thread of the engine is stopped from inside: output and limits still end the execution.
# option: {"wall_ms": 500, "grace_ms": 300}
import ctypes
import os
import threading

print("before")
libc = ctypes.CDLL(None)
for name in os.listdir("/proc/self/task"):
    if int(name) != threading.get_native_id():
        libc.syscall(234, os.getpid(), int(name), 9)
while True:
    pass
# outcome_in: ["killed", "timeout", "exception"]
# ended: true
# output_contains: ["before"]
