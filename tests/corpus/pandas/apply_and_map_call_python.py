# Functions of the user's in every place that takes one.
import pandas as pd

frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
print(frame.apply(sum, axis=1).tolist(), frame["a"].map({1: "one", 2: "two"}).tolist())
print(frame.apply(lambda column: column.max() - column.min()).to_dict(), frame.pipe(len))
print(frame["b"].apply(lambda v: v ** 2).tolist(), frame.query("a > 1 and b == 4").index.tolist())
print(frame.assign(c=lambda f: f["a"] * f["b"])["c"].tolist(), frame.eval("a + b").tolist())
# output: ["[4, 6] ['one', 'two']", "{'a': 1, 'b': 1} 2", "[9, 16] [1]", "[3, 8] [4, 6]"]
