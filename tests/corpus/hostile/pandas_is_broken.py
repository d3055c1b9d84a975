# Methods of DataFrame that raise spoil values and nothing else.
import pandas as pd

pd.DataFrame.__repr__ = lambda self: 1 / 0
pd.DataFrame({"a": [1]})
# value_contains: "DataFrame object whose __repr__ raised ZeroDivisionError>"
# ---
pd.DataFrame.shape = property(lambda self: 1 / 0)
print("fine")
# output: ["fine"]
