# acquire with a timeout of a minute.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import threading

lock = threading.Lock()
lock.acquire()
print("ready")
lock.acquire(timeout=60)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
print(lock.acquire(timeout=0.01), lock.locked())
# output: ["False True"]
