import weakref
import numpy as np
import pandas as pd
class Frame(pd.DataFrame):
    def __del__(self):
        print("freed")
df = Frame(np.zeros((300000, 2)))
values = weakref.ref(df._mgr.blocks[0].values)
# dataframes: [["df", 300000, 2]]
# ---
x = 1
# dataframes: []
# ---
del df
print(values() is None)
# output: ["freed", "True"]
# dataframes: []
# ---
df = Frame({"a": [1, 2]})
df["o"] = [[1], [2]]
# dataframes: [["df", 2, 2]]
# ---
df = None
# output: ["freed"]
# dataframes: []
