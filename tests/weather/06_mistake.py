# A mistake, on purpose: the data has no such column. What the sandbox holds stays as it was.
print("about to fail")
snow_mm = weather["snowfall"].sum()
