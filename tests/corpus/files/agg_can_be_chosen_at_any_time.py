# Also after a figure of the usual backend, and by its long name.
# requires: matplotlib
import matplotlib.pyplot as plt

plt.plot([1])
plt.show()
plt.switch_backend("module://matplotlib.backends.backend_agg")
plt.plot([1])
plt.show()
print(plt.get_fignums())
# output: ["[1]"]
# files: ["figure-1.png", "figure-2.png"]
