# The processor limit counts all threads' time.
# option: {"cpu_ms": 200}
print("begun")
while True:
    pass
# outcome: "timeout"
# limit: "cpu_ms"
# error: "executing Python code: TimeoutError('the execution reached its CPU time limit of 200 ms')"
# output: ["begun"]
# ---
print("usable")
# output: ["usable"]
