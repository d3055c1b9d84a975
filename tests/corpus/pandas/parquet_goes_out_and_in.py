# With pyarrow, which runs threads of its own.
# requires: pyarrow
import pandas as pd

frame = pd.DataFrame({"a": range(1000), "b": [f"row {i}" for i in range(1000)]})
frame.to_parquet("frame.parquet")
again = pd.read_parquet("frame.parquet", columns=["b", "a"])
print(again["a"].sum(), again["b"].iloc[-1], list(again.columns))
frame.to_feather("frame.feather")
print(pd.read_feather("frame.feather").equals(frame))
# output: ["499500 row 999 ['b', 'a']", "True"]
# files: ["frame.feather", "frame.parquet"]
