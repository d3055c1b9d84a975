# sleep(3) of the C library, called through ctypes.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import ctypes

print("ready")
ctypes.CDLL(None).sleep(60)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
