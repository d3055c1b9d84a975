# The limit is reached little by little, and can be freed again.
# option: {"memory_bytes": 268435456}
blocks = []
while True:
    blocks.append(bytearray(100_000))
# outcome: "memory"
# limit: "memory_bytes"
# type: "MemoryError"
# error_contains: "MemoryError"
# ---
print(len(blocks) > 1000)
blocks.clear()
again = bytearray(100 << 20)
print(len(again) >> 20)
# output: ["True", "100"]
