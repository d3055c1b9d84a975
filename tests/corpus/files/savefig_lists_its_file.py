# In any format, where the code wants it.
# requires: matplotlib
import matplotlib.pyplot as plt

plt.plot([3, 1, 2])
plt.savefig("chart.png")
plt.savefig("chart.svg")
plt.savefig("chart.pdf")
# files: ["chart.pdf", "chart.png", "chart.svg"]
# mime: ["application/pdf", "image/png", "image/svg+xml"]
