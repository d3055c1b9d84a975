# The warning comes through numpy's own error path, which takes the GIL in its own way.
import numpy as np

print(np.array([1.0]) / 0)
# stdout: ["[inf]"]
# stderr_contains: ["<execution 1>:4: RuntimeWarning: divide by zero encountered in", "np.array([1.0]) / 0"]
# ---
print(np.array([0.0]) / 0, np.float64(1e308) * 10, np.log(np.array([-1.0])))
# stdout: ["[nan] inf [nan]"]
# stderr_contains: ["RuntimeWarning: invalid value", "RuntimeWarning: overflow", "RuntimeWarning: invalid value"]
