# Both dtypes can be asked for.
import pandas as pd

for dtype in object, "string":
    column = pd.Series(["a", "b", None], dtype=dtype)
    frame = pd.DataFrame({"s": column, "n": [1, 2, 3]})
    print(frame["s"].isna().sum(), (frame["s"] + "!").tolist()[:2], frame[frame["s"] == "b"]["n"].tolist())
# output: ["1 ['a!', 'b!'] [2]", "1 ['a!', 'b!'] [2]"]
