# One allocation beyond the limit.
# option: {"memory_bytes": 268435456}
before = "kept"
print("try")
block = bytearray(1 << 30)
# outcome: "memory"
# limit: "memory_bytes"
# type: "MemoryError"
# error: "executing Python code: MemoryError()"
# line: 5
# output: ["try"]
# ---
print(before, "block" in globals())
small = bytearray(1 << 20)
# output: ["kept False"]
