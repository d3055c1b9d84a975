# Groups the days by year and by month.
yearly = weather.groupby("year").agg(
    rain_mm=("precipitation", "sum"),
    wet_days=("precipitation", lambda mm: int((mm > 0).sum())),
    warmest=("temp_max", "max"),
    coldest=("temp_min", "min"),
)
monthly = weather.groupby(["year", "month"], as_index=False).agg(
    rain_mm=("precipitation", "sum"), temp_mean=("temp_mean", "mean")
)

print(yearly.round(1).to_string())
wettest = monthly.loc[monthly["rain_mm"].idxmax()]
print(f"wettest month: {int(wettest.year)}-{int(wettest.month):02}, {wettest.rain_mm:.1f} mm")
