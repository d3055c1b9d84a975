# numpy's is a subclass with a message.
# option: {"memory_bytes": 268435456}
import numpy as np

array = np.ones((20000, 20000))
# outcome: "memory"
# limit: "memory_bytes"
# error_contains: "MemoryError((20000, 20000), dtype('float64'))"
# message: "Unable to allocate 2.98 GiB for an array with shape (20000, 20000) and data type float64"
# line: 5
# ---
print(np.ones(3).sum())
# output: ["3.0"]
