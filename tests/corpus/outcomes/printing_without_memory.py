# Each print may fail, but what was printed before is whole and the sandbox goes on.
# option: {"memory_bytes": 134217728}
held = []
print("begun")
try:
    while True:
        held.append([None] * 10)
except MemoryError:
    pass
try:
    print("x" * 100)
except MemoryError:
    pass
# output_contains: ["begun"]
# ---
del held
print("usable")
# output: ["usable"]
