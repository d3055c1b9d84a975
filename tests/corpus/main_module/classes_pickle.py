# Instances, classes and functions of __main__ survive pickle, in a later execution too.
import pickle
from collections import namedtuple


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)


class Nested:
    class Inner:
        pass


Pair = namedtuple("Pair", "left right")


def function():
    return "called"


data = pickle.dumps([Point(1, 2), Pair(3, 4), Nested.Inner, function])
# ---
point, pair, inner, called = pickle.loads(data)
print(point == Point(1, 2), pair, inner is Nested.Inner, called())
# output: ["True Pair(left=3, right=4) True called"]
# ---
import copy

print(copy.deepcopy(Point(5, 6)).y, type(copy.copy(point)) is Point)
# output: ["6 True"]
