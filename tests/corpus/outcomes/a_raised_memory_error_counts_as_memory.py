# There is no way to tell it from a real one.
raise MemoryError("by hand")
# outcome: "memory"
# limit: "memory_bytes"
# error: "executing Python code: MemoryError('by hand')"
