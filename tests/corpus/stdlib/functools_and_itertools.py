# Caches, dispatch, iteration, abstract classes, pattern matching.
import abc
import collections
import functools
import itertools


@functools.lru_cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@functools.singledispatch
def show(value):
    return "object"


@show.register
def _(value: int):
    return "int"


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


match {"kind": "point", "at": [1, 2]}:
    case {"kind": "point", "at": [x, y]}:
        print(x, y)
print(fibonacci(80), show(1), show("x"), collections.Counter("aab").most_common(1))
print(list(itertools.accumulate([1, 2, 3])), list(itertools.pairwise("abc")))
Shape()
# output: ["1 2", "23416728348467685 int object [('a', 2)]", "[1, 3, 6] [('a', 'b'), ('b', 'c')]"]
# type: "TypeError"
# error_contains: "Can't instantiate abstract class Shape"
