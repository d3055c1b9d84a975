# print uses numpy's own rules.
import numpy as np

print(np.arange(2000))
np.set_printoptions(threshold=7)
str(np.arange(6))
# output: ["[   0    1    2 ... 1997 1998 1999]"]
# value: "'[0 1 2 3 4 5]'"
# ---
str(np.arange(8))
# value: "'[0 1 2 ... 5 6 7]'"
