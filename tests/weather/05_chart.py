# Draws the average year: the rain of each month as bars, the temperature as a line.
import matplotlib.pyplot as plt

average = monthly.groupby("month")[["rain_mm", "temp_mean"]].mean()
figure, left = plt.subplots(figsize=(8, 4.5), layout="constrained")
left.bar(average.index, average["rain_mm"], color="#7fa8d1")
left.set(title="Seattle, 2012 to 2015", xlabel="month", ylabel="rain, mm", xticks=average.index)
right = left.twinx()
right.plot(average.index, average["temp_mean"], color="#c0392b", marker="o")
right.set_ylabel("mean temperature, °C")
plt.show()
print(average.round(1).T.to_string())
