# With sqlite3, in memory.
import sqlite3

import pandas as pd

with sqlite3.connect(":memory:") as database:
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_sql("t", database, index=False)
    print(pd.read_sql("select sum(a) as s from t", database)["s"].tolist())
# output: ["[3]"]
