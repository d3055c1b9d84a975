# Strings in Arrow memory.
# requires: pyarrow
import pandas as pd

column = pd.Series(["a", None, "c"], dtype="string[pyarrow]")
print(column.str.upper().tolist()[0], column.isna().sum(), column.sort_values(ascending=False).iloc[0])
# output: ["A 1 c"]
