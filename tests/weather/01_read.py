# Reads the daily weather of Seattle, 2012 to 2015, and looks at it.
import pandas as pd

weather = pd.read_csv("seattle-weather.csv")
print(f"{len(weather)} days, columns: {', '.join(weather.columns)}")
print(weather.head(3).to_string(index=False))
print("missing values:", int(weather.isna().sum().sum()))
