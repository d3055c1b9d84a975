# flock on a file that another descriptor has locked.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import fcntl

first, second = open("lock", "w"), open("lock", "w")
fcntl.flock(first, fcntl.LOCK_EX)
print("ready")
fcntl.flock(second, fcntl.LOCK_EX)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
