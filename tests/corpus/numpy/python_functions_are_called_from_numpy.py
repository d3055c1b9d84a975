# vectorize, frompyfunc, apply_along_axis, sort keys, object arrays.
import numpy as np

print(np.vectorize(lambda a, b: a + b)([1, 2], [10, 20]))
print(np.frompyfunc(lambda a: a * 2, 1, 1)(np.array([1, "x"], dtype=object)))
print(np.apply_along_axis(lambda row: row.max() - row.min(), 1, np.array([[1, 5], [7, 3]])))
print(np.fromfunction(lambda i, j: i * 3 + j, (2, 3), dtype=int))
print(np.add.reduce([1, 2, 3]))
# output: ["[11 22]", "[2 'xx']", "[4 4]", "[[0 1 2]\n [3 4 5]]", "6"]
