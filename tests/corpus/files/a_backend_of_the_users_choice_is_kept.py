# Other backends than Agg are as matplotlib has them: svg's show() saves nothing.
# requires: matplotlib
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()
plt.savefig("own.svg")
# files: ["own.svg"]
