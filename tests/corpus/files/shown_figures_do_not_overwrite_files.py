# A free number is taken.
# requires: matplotlib
open("figure-1.png", "w").write("mine")
import matplotlib.pyplot as plt

plt.plot([1])
plt.show()
print(open("figure-1.png").read())
# output: ["mine"]
# files: ["figure-1.png", "figure-2.png"]
