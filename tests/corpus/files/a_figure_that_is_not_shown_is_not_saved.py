# It stays open for the next execution.
# requires: matplotlib
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 2])
# files: []
# ---
axes.set_title("later")
figure.show()
# files: ["figure-1.png"]
