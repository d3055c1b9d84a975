# What is open when the code fails is shown by a later plt.show().
# requires: matplotlib
import matplotlib.pyplot as plt

figure, axes = plt.subplots(2, 2)
axes[0, 0].hist([1, 2, 2, 3])
raise RuntimeError("before show")
# error: "executing Python code: RuntimeError('before show')"
# files: []
# ---
plt.show(block=False)
# files: ["figure-1.png"]
