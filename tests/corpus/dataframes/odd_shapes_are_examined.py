import numpy as np
import pandas as pd
double = pd.DataFrame([[1, "a", 2.5], [3, "b", 4.5]], columns=["x", "x", "y"])
empty = pd.DataFrame()
wide = pd.DataFrame(np.zeros((2, 3000)))
many = pd.DataFrame({"c%d" % i: [i, 2.5, "t"][i % 3] for i in range(60)}, index=[0, 1])
strided = pd.DataFrame(np.arange(40.0).reshape(10, 4)).iloc[::2, 1:3]
spread = pd.DataFrame(np.broadcast_to(np.arange(3.0), (4, 3)))
mixed = pd.DataFrame({1: [1], "one": [2], (1, 2): [3], None: [4]})
# dataframes: [["double", 2, 3], ["empty", 0, 0], ["wide", 2, 3000], ["many", 2, 60], ["strided", 5, 2], ["spread", 4, 3], ["mixed", 1, 4]]
# ---
repr([double, empty, wide, many, strided, spread, mixed])
# dataframes: []
# ---
double.iloc[0, 1] = "changed"
# dataframes: [["double", 2, 3]]
# ---
double.columns = ["x", "y", "x"]
# dataframes: [["double", 2, 3]]
# ---
empty["first"] = [1, 2]
# dataframes: [["empty", 2, 1]]
# ---
wide.iloc[1, 2999] = 1.0
# dataframes: [["wide", 2, 3000]]
# ---
many.loc[1, "c31"] = 3.5
# dataframes: [["many", 2, 60]]
# ---
many = many.iloc[:, ::-1]
# dataframes: [["many", 2, 60]]
# ---
strided = strided.copy()
strided.iloc[4, 1] = 0.0
# dataframes: [["strided", 5, 2]]
# ---
spread = spread.copy()
spread.iloc[3, 2] = 7.0
# dataframes: [["spread", 4, 3]]
# ---
mixed.columns = [2, "one", (1, 2), None]
# dataframes: [["mixed", 1, 4]]
# ---
# Swapping two columns' labels moves no value.
pair = pd.DataFrame({"p": [1, 2], "q": [1, 2]})
# dataframes: [["pair", 2, 2]]
# ---
pair.columns = ["q", "p"]
# dataframes: [["pair", 2, 2]]
# ---
class Frame(pd.DataFrame):
    _metadata = ["note"]
    @property
    def _constructor(self):
        return Frame
sub = Frame({"a": [1, 2]})
sub.note = "n"
# dataframes: [["sub", 2, 1]]
# ---
sub.note = "other"
# dataframes: []
# ---
sub["a"] = [3, 4]
# dataframes: [["sub", 2, 1]]
