# Reshaping.
import pandas as pd

left = pd.DataFrame({"k": [1, 2, 3], "l": list("abc")})
right = pd.DataFrame({"k": [2, 3, 4], "r": [20, 30, 40]})
print(left.merge(right, on="k", how="outer", indicator=True).to_csv(index=False))
print(pd.concat([left, left], ignore_index=True).pivot_table(index="l", values="k", aggfunc="sum")["k"].to_dict())
print(right.melt(id_vars="k")["variable"].tolist(), right.set_index("k").T.columns.tolist())
# output: ["k,l,r,_merge\n1,a,,left_only\n2,b,20.0,both\n3,c,30.0,both\n4,,40.0,right_only\n"]
# output: ["{'a': 2, 'b': 4, 'c': 6}", "['r', 'r', 'r'] [2, 3, 4]"]
