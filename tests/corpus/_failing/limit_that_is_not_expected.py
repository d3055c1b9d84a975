# must_fail: ["limit"]
raise MemoryError
# error_contains: "MemoryError"
