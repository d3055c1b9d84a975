# So does arithmetic with huge integers.
# option: {"wall_ms": 200, "grace_ms": 200}
print("begun")
7 ** (10**9)
# outcome: "timeout"
# limit: "wall_ms"
# ended: true
# error_contains: "did not yield: the sandbox was killed"
# output: ["begun"]
# within_ms: 2000
