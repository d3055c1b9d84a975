# matplotlib.use("Agg") is often written where no window can be; plt.show() saves figures all the same.
# requires: matplotlib
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.savefig("own.png")
plt.show()
plt.savefig("own-2.png")
print(open("own.png", "rb").read() == open("own-2.png", "rb").read(), matplotlib.get_backend().lower())
# output: ["True agg"]
# files: ["figure-1.png", "own-2.png", "own.png"]
# ---
plt.show()
# files: []
# ---
plt.plot([2, 1])
plt.figure()
plt.show()
# files: ["figure-2.png", "figure-3.png"]
# ---
plt.title("changed")
plt.show()
# files: ["figure-4.png"]
# ---
plt.close("all")
plt.show()
# files: []
