import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3]})
other = pd.DataFrame({"a": [1, 2, 3]})
# dataframes: [["df", 3, 1], ["other", 3, 1]]
# ---
# An equal copy is another frame.
df = df.copy()
# dataframes: [["df", 3, 1]]
# ---
df = df
# dataframes: []
# ---
df, other = other, df
# dataframes: [["df", 3, 1], ["other", 3, 1]]
# ---
alias = df
# dataframes: [["alias", 3, 1]]
# ---
# The frame that the name meant before, after a detour.
kept = [df]
del df
df = pd.DataFrame({"z": [0]})
df = kept.pop()
# dataframes: []
# ---
df = 5
# dataframes: []
# ---
df = alias
# dataframes: [["df", 3, 1]]
# ---
df = df[df["a"] > 1]
# dataframes: [["df", 2, 1]]
# ---
df = df.drop(columns=[])
# dataframes: [["df", 2, 1]]
# ---
# Each round frees a frame and may get its memory for the next one.
for i in range(50):
    df = pd.DataFrame({"a": [1, 2]})
# dataframes: [["df", 2, 1]]
# ---
for i in range(50):
    df = pd.DataFrame({"a": [1, 2]})
# dataframes: [["df", 2, 1]]
