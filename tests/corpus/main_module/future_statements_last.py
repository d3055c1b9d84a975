# `from __future__` holds for the executions behind it.
from __future__ import annotations
# ---
def annotated(a: Unknown) -> Missing:
    return a


print(annotated.__annotations__)
# output: ["{'a': 'Unknown', 'return': 'Missing'}"]
