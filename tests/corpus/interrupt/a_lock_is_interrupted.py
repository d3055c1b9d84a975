# A lock that nobody frees; it works afterwards.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import threading

lock = threading.Lock()
lock.acquire()
print("ready")
lock.acquire()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# line: 8
# within_ms: 1000
# ---
lock.release()
print(lock.acquire(timeout=1), lock.locked())
# output: ["True True"]
