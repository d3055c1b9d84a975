# By value, as it does for __main__.
# requires: cloudpickle
import pickle

import cloudpickle

factor = 3


class Scaler:
    def scale(self, v):
        return v * factor


data = cloudpickle.dumps((lambda v: v + factor, Scaler()))
# ---
factor = 100
del Scaler
add, scaler = pickle.loads(data)
print(add(1), scaler.scale(2), type(scaler).__name__)
# output_contains: ["Scaler"]
