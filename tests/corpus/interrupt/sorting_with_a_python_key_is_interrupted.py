# C code that calls back into Python yields there.
# option: {"cancel_on": "ready"}
values = list(range(1000, 0, -1))


def slow(value):
    total = 0
    for i in range(10_000):
        total += i
    return value


print("ready")
while True:
    values.sort(key=slow)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# ---
print(len(values))
# output: ["1000"]
