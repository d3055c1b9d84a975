# must_fail: ["limit"]
raise MemoryError
# error_contains: "MemoryError"
# limit: "cpu_ms"
