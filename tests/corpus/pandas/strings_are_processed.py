# Whatever the string dtype of this pandas is.
import pandas as pd

text = pd.Series(["Apple", "banana", None, "cherry pie"])
print(text.str.upper().tolist()[:2], float(text.str.len().iloc[0]), text.str.contains("an").fillna(False).tolist())
print(text.str.extract(r"(\w+) (\w+)").iloc[3].tolist(), text.dropna().str.split().str[0].tolist())
print(text.astype("category").cat.categories.tolist(), text.value_counts().sum())
# output: ["['APPLE', 'BANANA'] 5.0 [False, True, False, False]", "['cherry', 'pie'] ['Apple', 'banana', 'cherry']"]
# output: ["['Apple', 'banana', 'cherry pie'] 3"]
