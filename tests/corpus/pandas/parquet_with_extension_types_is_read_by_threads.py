# requires: pyarrow
# requires: pandas>=2
import io
import pandas as pd

df = pd.DataFrame({"c": pd.period_range("2012-01-01", periods=3, freq="D"), "d": pd.interval_range(0, 3)})
for i in range(20):
    file = io.BytesIO()
    df.to_parquet(file)
    file.seek(0)
    back = pd.read_parquet(file)
print(back.equals(df))
# output: ["True"]
