# to_csv, read_csv with dates, missing values, chunks and another separator.
import io

import pandas as pd

frame = pd.DataFrame({"day": pd.to_datetime(["2024-01-01", "2024-01-02"]), "text": ["a,b", None], "n": [1.5, 2]})
frame.to_csv("frame.csv", index=False)
again = pd.read_csv("frame.csv", parse_dates=["day"])
print(again.equals(frame) or again["day"].equals(frame["day"]), again["text"].isna().tolist(), again["n"].sum())
print(sum(len(chunk) for chunk in pd.read_csv("frame.csv", chunksize=1)))
print(pd.read_csv(io.StringIO("a;b\n1,5;2"), sep=";", decimal=",")["a"].tolist())
# output: ["True [False, True] 3.5", "2", "[1.5]"]
# files: ["frame.csv"]
