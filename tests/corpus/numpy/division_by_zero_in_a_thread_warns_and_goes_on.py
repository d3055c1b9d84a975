# The same on a thread that Python made.
import threading

import numpy as np

results = []
thread = threading.Thread(target=lambda: results.append(np.array([1.0]) / 0))
thread.start()
thread.join()
print(results)
# stdout: ["[array([inf])]"]
# stderr_contains: ["RuntimeWarning: divide by zero"]
