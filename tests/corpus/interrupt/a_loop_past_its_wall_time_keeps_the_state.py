# The wall limit interrupts in the same way, and says what it was.
# option: {"wall_ms": 250}
count = 0
while True:
    count += 1
# outcome: "timeout"
# limit: "wall_ms"
# type: "TimeoutError"
# message: "the execution reached its wall time limit of 250 ms"
# error: "executing Python code: TimeoutError('the execution reached its wall time limit of 250 ms')"
# within_ms: 750
# ---
print(count > 0)
# output: ["True"]
