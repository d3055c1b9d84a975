# Classes of the next execution pickle all the same.
import sys

sys.modules["__main__"] = None
# ---
import pickle


class Point:
    pass


print(type(pickle.loads(pickle.dumps(Point()))) is Point)
# output: ["True"]
