# Time zones, resampling, rolling windows, date offsets.
import pandas as pd

days = pd.date_range("2024-01-30", periods=4, freq="D", tz="Europe/Berlin")
series = pd.Series([1, 2, 3, 4], index=days)
print(series.resample("MS").sum().tolist(), series.rolling(2).mean().tolist()[1:], days[0].tz_convert("UTC"))
print((pd.Timestamp("2024-02-28") + pd.offsets.BDay(2)).date(), (days[1] - days[0]).total_seconds())
# output: ["[3, 7] [1.5, 2.5, 3.5] 2024-01-29 23:00:00+00:00", "2024-03-01 86400.0"]
