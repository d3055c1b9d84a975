# time.sleep of a minute.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import time

kept = "kept"
print("ready")
time.sleep(60)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# line: 7
# within_ms: 1000
# ---
print(kept)
# output: ["kept"]
