# Its repr, many rows shortened by pandas' own rule.
import pandas as pd

pd.DataFrame({"n": [10, 20]}, index=["x", "y"])
# value: "    n\nx  10\ny  20"
# output: []
