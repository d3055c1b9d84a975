# Gives the columns their types and adds the ones that the questions below need.
weather["date"] = pd.to_datetime(weather["date"])
weather["weather"] = weather["weather"].astype("category")
weather["year"] = weather["date"].dt.year
weather["month"] = weather["date"].dt.month
weather["temp_mean"] = (weather["temp_max"] + weather["temp_min"]) / 2

print(f"from {weather['date'].min():%Y-%m-%d} to {weather['date'].max():%Y-%m-%d}")
print("no day is left out:", weather["date"].diff().dropna().eq(pd.Timedelta(days=1)).all())
print("kinds of weather:", ", ".join(weather["weather"].cat.categories))
