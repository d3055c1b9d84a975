# Whatever the current folder is.
# requires: matplotlib
import os

import matplotlib.pyplot as plt

os.mkdir("elsewhere")
os.chdir("elsewhere")
plt.plot([1])
plt.show()
# files: ["figure-1.png"]
