# The same seed gives the same numbers, the old way and the new way.
import numpy as np

np.random.seed(1)
first = np.random.rand(3)
np.random.seed(1)
print((first == np.random.rand(3)).all())
print((np.random.default_rng(5).normal(size=4) == np.random.default_rng(5).normal(size=4)).all())
print(np.random.default_rng(5).permutation(5).tolist() == np.random.default_rng(5).permutation(5).tolist())
# output: ["True", "True", "True"]
