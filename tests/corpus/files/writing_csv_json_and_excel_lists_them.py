# What pandas writes.
import pandas as pd

frame = pd.DataFrame({"a": [1, 2]})
frame.to_csv("frame.csv", index=False)
frame.to_json("frame.json")
print(open("frame.csv").read())
# output: ["a\n1\n2\n"]
# files: ["frame.csv", "frame.json"]
