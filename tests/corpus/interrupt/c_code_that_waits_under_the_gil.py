# A C call made without giving up the GIL: it cannot be interrupted by Python, so it is killed.
# option: {"cancel_on": "ready", "cancel_after_ms": 100, "grace_ms": 200}
import ctypes

print("ready")
while True:
    ctypes.PyDLL(None).usleep(50_000_000)
# outcome: "killed"
# signal: 9
# ended: true
# error_contains: "killed since it did not yield"
# within_ms: 2000
