# Small objects from Python's own allocator.
# option: {"memory_bytes": 134217728}
objects = []
while True:
    objects.append([len(objects)])
# outcome: "memory"
# limit: "memory_bytes"
# type: "MemoryError"
# error_contains: "MemoryError"
# ---
del objects
print("usable", sum(range(1000)))
# output: ["usable 499500"]
