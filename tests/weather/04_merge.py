# Merges the months with a table of seasons written by hand, and pivots the rain by season and year.
names = ["winter"] * 2 + ["spring"] * 3 + ["summer"] * 3 + ["autumn"] * 3 + ["winter"]
seasons = pd.DataFrame({"month": range(1, 13), "season": names})
monthly = monthly.merge(seasons, on="month", how="left", validate="many_to_one")

rain = monthly.pivot_table(index="season", columns="year", values="rain_mm", aggfunc="sum")
rain = rain.reindex(["winter", "spring", "summer", "autumn"])
print(rain.round(1).to_string())
summer = rain.loc["summer"].sum() / rain.to_numpy().sum()
print(f"share of the rain that falls in summer: {summer:.1%}")
