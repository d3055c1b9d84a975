# The code goes on with nothing left, and so does the sandbox.
# option: {"memory_bytes": 134217728}
held = []
try:
    while True:
        held.append([None] * 10)
except MemoryError:
    caught = True
# output: []
# ---
held.clear()
print(caught)
# output: ["True"]
