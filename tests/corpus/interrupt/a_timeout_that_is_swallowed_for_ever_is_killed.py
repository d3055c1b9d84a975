# The outcome is still the timeout; the sandbox has ended.
# option: {"wall_ms": 200, "grace_ms": 200}
print("begun")
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
# outcome: "timeout"
# limit: "wall_ms"
# ended: true
# error_contains: "wall time limit of 200 ms and did not yield: the sandbox was killed"
# output: ["begun"]
# within_ms: 2000
