# NamedTuple, TypedDict, Protocol, Generic, get_type_hints with names of __main__, Enum.
import enum
import pickle
import typing


class Pair(typing.NamedTuple):
    left: int
    right: str = "r"


class Options(typing.TypedDict, total=False):
    level: int


T = typing.TypeVar("T")


class Box(typing.Generic[T]):
    item: "Pair"


class Colour(enum.Enum):
    RED = 1


@typing.runtime_checkable
class Sized(typing.Protocol):
    def size(self) -> int: ...


print(Pair(1), Options(level=3), Box[int], Colour.RED)
print(typing.get_type_hints(Box), isinstance(Box(), Sized))
print(pickle.loads(pickle.dumps([Pair(2), Colour.RED])))
# output: ["Pair(left=1, right='r') {'level': 3} __main__.Box[int] Colour.RED"]
# output: ["{'item': <class '__main__.Pair'>} False"]
# output: ["[Pair(left=2, right='r'), <Colour.RED: 1>]"]
