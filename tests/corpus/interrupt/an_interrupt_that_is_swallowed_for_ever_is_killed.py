# Code that does not yield within its grace time is killed, and the result says so.
# option: {"cancel_on": "ready", "cancel_after_ms": 100, "grace_ms": 300}
print("ready")
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
# outcome: "killed"
# signal: 9
# ended: true
# error: "executing Python code: cancelled, and killed since it did not yield within 300 ms"
# output: ["ready"]
# within_ms: 2000
# ---
print("fresh")
# output: ["fresh"]
