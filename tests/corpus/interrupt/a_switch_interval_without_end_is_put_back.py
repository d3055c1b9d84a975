# Threads that never give up the GIL cannot be interrupted; the next execution can.
import sys

sys.setswitchinterval(1000)
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 50}
print(sys.getswitchinterval() < 1)
print("ready")
while True:
    pass
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# output: ["True", "ready"]
