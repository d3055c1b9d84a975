# Python functions called from Cython code.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import pandas as pd

frame = pd.DataFrame({"a": range(1_000_000), "b": 1})
print("ready")
while True:
    frame.apply(lambda row: row["a"] + row["b"], axis=1)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 3000
# ---
print(len(frame))
# output: ["1000000"]
