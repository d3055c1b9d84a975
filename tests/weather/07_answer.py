# Goes on after the mistake with everything that the executions before it have made.
snow_days = weather[weather["weather"] == "snow"]
print(f"days with snow: {len(snow_days)}, the last on {snow_days['date'].max():%Y-%m-%d}")
hottest = weather.loc[weather["temp_max"].idxmax()]
print(f"hottest day: {hottest['date']:%Y-%m-%d}, {hottest['temp_max']} °C")
print("driest year:", yearly["rain_mm"].idxmin())
print("the mistake left nothing behind:", "snow_mm" not in globals())
