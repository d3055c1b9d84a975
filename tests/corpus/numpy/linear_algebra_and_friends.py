# Solving, decompositions, FFT, statistics: C code with threads or without.
import numpy as np

a = np.array([[3.0, 1.0], [1.0, 2.0]])
print(np.linalg.solve(a, [9.0, 8.0]), round(float(np.linalg.det(a)), 6))
print(np.round(np.linalg.eigvalsh(a), 3), np.allclose(a @ np.linalg.inv(a), np.eye(2)))
print(np.round(np.abs(np.fft.fft([1, 0, 0, 0])), 3), np.median([3, 1, 2]), np.percentile([1, 2, 3], 50))
big = np.ones((300, 300))
print((big @ big).sum())
# output: ["[2. 3.] 5.0", "[1.382 3.618] True", "[1. 1. 1. 1.] 2.0 2.0", "27000000.0"]
# ---
np.linalg.inv(np.zeros((2, 2)))
# type: "numpy.linalg.LinAlgError"
# error: "executing Python code: LinAlgError('Singular matrix')"
# line: 1
