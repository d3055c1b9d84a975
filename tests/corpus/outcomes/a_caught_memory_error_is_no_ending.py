# The code may cope by itself.
# option: {"memory_bytes": 268435456}
try:
    bytearray(1 << 40)
except MemoryError:
    print("coped")
# output: ["coped"]
