import ctypes
import numpy as np
import pandas as pd
base = np.arange(12.0).reshape(4, 3)
df = pd.DataFrame(base, columns=list("abc"), copy=False)
other = pd.DataFrame({"a": [1, 2, 3]})
# dataframes: [["df", 4, 3], ["other", 3, 1]]
# ---
base[2, 1] = -1.0
print(df.iloc[2, 1])
# output: ["-1.0"]
# dataframes: [["df", 4, 3]]
# ---
base.sort(axis=0)
base[:] = base[::-1]
# dataframes: [["df", 4, 3]]
# ---
values = other._mgr.blocks[0].values
values[0, 1] = 20
# dataframes: [["other", 3, 1]]
# ---
view = other["a"].to_numpy()
view.flags.writeable = True
# dataframes: []
# ---
view[2] = 30
# dataframes: [["other", 3, 1]]
# ---
np.add(view, 1, out=view)
# dataframes: [["other", 3, 1]]
# ---
memoryview(view)[0] = 5
# dataframes: [["other", 3, 1]]
# ---
ctypes.memset(view.ctypes.data, 0, 8)
# dataframes: [["other", 3, 1]]
# ---
total = view.sum() + view.max()
copied = view.copy()
copied[0] = 9
# dataframes: []
# ---
# A buffer of megabytes, written far inside.
big = np.zeros((500000, 3))
wide = pd.DataFrame(big, copy=False)
# dataframes: [["wide", 500000, 3]]
# ---
print(big.sum())
# output: ["0.0"]
# dataframes: []
# ---
big[345678, 2] = 1.0
# dataframes: [["wide", 500000, 3]]
# ---
big[345678, 2] = 1.0
# dataframes: []
# ---
# The last element, then the first: the pages there are shared with other memory.
big[-1, -1] = 3.0
# dataframes: [["wide", 500000, 3]]
# ---
big[0, 0] = 3.0
# dataframes: [["wide", 500000, 3]]
# ---
import io
source = io.BytesIO(np.full(100, 7.0).tobytes())
source.readinto(memoryview(big)[1000:1010].cast("B"))
# dataframes: [["wide", 500000, 3]]
# ---
label = pd.DataFrame({"v": [1, 2, 3]}, index=[10, 20, 30])
# dataframes: [["label", 3, 1]]
# ---
labels = label.index.values
labels.flags.writeable = True
labels[0] = 11
# dataframes: [["label", 3, 1]]
