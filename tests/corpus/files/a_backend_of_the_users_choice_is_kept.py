# matplotlib.use("Agg") means savefig; plt.show() saves nothing then.
# requires: matplotlib
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()
plt.savefig("own.png")
# files: ["own.png"]
