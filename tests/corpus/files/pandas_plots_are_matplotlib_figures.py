# DataFrame.plot and plt.show().
# requires: matplotlib
import matplotlib.pyplot as plt
import pandas as pd

axes = pd.DataFrame({"a": [1, 3], "b": [2, 4]}).plot(title="frame")
plt.show()
# files: ["figure-1.png"]
