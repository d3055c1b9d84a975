# With field types as strings, inheritance, defaults, slots and comparison.
from __future__ import annotations

import dataclasses


@dataclasses.dataclass(order=True)
class Item:
    name: str
    price: float = 1.5
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Small(object):
    a: int


print(Item("x"), Item("a") < Item("b"), Small(a=1))
print([field.type for field in dataclasses.fields(Item)])
# output: ["Item(name='x', price=1.5, tags=[]) True Small(a=1)", "['str', 'float', 'list[str]']"]
# ---
@dataclasses.dataclass
class More(Item):
    count: int = 0


print(dataclasses.asdict(More("y", count=2)), dataclasses.replace(Small(a=1), a=2))
# output: ["{'name': 'y', 'price': 1.5, 'tags': [], 'count': 2} Small(a=2)"]
