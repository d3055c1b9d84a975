# set_option in one execution holds in the next.
import pandas as pd

pd.set_option("display.max_rows", 2)
# ---
print(pd.get_option("display.max_rows"))
pd.DataFrame({"a": range(3)})
# output: ["2"]
# value: "    a\n0   0\n.. ..\n2   2\n\n[3 rows x 1 columns]"
