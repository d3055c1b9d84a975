# Names, functions of Python, several keys, transform.
import pandas as pd

frame = pd.DataFrame({"k": list("abab"), "j": [1, 1, 2, 2], "v": [1, 2, 3, 4]})
print(frame.groupby("k")["v"].sum().to_dict(), frame.groupby(["k", "j"]).size().to_dict())
print(frame.groupby("k").agg(total=("v", "sum"), spread=("v", lambda v: v.max() - v.min())).to_dict())
print(frame.groupby("k")["v"].transform("mean").tolist())
print([(key, group["v"].tolist()) for key, group in frame.groupby("j")])
# output: ["{'a': 4, 'b': 6} {('a', 1): 1, ('a', 2): 1, ('b', 1): 1, ('b', 2): 1}"]
# output: ["{'total': {'a': 4, 'b': 6}, 'spread': {'a': 2, 'b': 2}}", "[2.0, 3.0, 2.0, 3.0]"]
# output: ["[(1, [1, 2]), (2, [3, 4])]"]
