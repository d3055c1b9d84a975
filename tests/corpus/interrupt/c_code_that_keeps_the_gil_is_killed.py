# A sum over a range runs in C without ever looking up; the output before it is kept.
# option: {"cancel_on": "ready", "cancel_after_ms": 100, "grace_ms": 200}
print("ready")
sum(range(10**15))
# outcome: "killed"
# signal: 9
# ended: true
# error_contains: "killed since it did not yield within 200 ms"
# output: ["ready"]
# within_ms: 2000
