# print, repr and describe.
import pandas as pd

frame = pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2.5, None], "c": ["x", "y", "z"]})
print(frame)
print(frame.describe().loc[["count", "mean"]])
frame.shape
# output: ["   a    b  c\n0  1  1.5  x\n1  2  2.5  y\n2  3  NaN  z", "         a    b\ncount  3.0  2.0\nmean   2.0  2.0"]
# value: "(3, 3)"
