# threading.Event and Condition wait on locks of their own.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import threading

event = threading.Event()
print("ready")
event.wait()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
# option: {"wall_ms": 200}
condition = threading.Condition()
with condition:
    condition.wait(60)
# outcome: "timeout"
# limit: "wall_ms"
# error_contains: "wall time limit"
# within_ms: 1000
# ---
event.set()
print(event.wait(1))
# output: ["True"]
