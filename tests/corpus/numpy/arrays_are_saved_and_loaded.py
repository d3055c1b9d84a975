# npy, npz, text, memory maps.
import numpy as np

np.save("a.npy", np.arange(4))
np.savez("b.npz", x=np.eye(2))
np.savetxt("c.txt", [[1, 2], [3, 4]], fmt="%d")
print(np.load("a.npy"), np.load("b.npz")["x"].sum(), np.loadtxt("c.txt").tolist())
mapped = np.memmap("a.npy", mode="r", dtype=np.int64, offset=128)
print(mapped[:2])
# output: ["[0 1 2 3] 2.0 [[1.0, 2.0], [3.0, 4.0]]", "[0 1]"]
# files: ["a.npy", "b.npz", "c.txt"]
