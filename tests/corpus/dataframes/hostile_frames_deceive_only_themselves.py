import sys
import pandas as pd
good = pd.DataFrame({"a": [1, 2]})
class Liar(pd.DataFrame):
    @property
    def shape(self):
        raise RuntimeError("shape")
    @property
    def columns(self):
        raise RuntimeError("columns")
    @property
    def index(self):
        raise RuntimeError("index")
    def __len__(self):
        return 7
    def __getattribute__(self, name):
        raise SystemExit("no attributes")
    def __repr__(self):
        raise RuntimeError("repr")
    def __eq__(self, other):
        raise RuntimeError("eq")
    def __hash__(self):
        raise RuntimeError("hash")
liar = pd.DataFrame.__new__(Liar)
object.__setattr__(liar, "_mgr", good._mgr)
# dataframes: [["good", 2, 1], ["liar", 2, 1]]
# ---
class Meta(type):
    def __instancecheck__(self, other):
        return True
    def __subclasscheck__(self, other):
        return True
class NoFrame(metaclass=Meta):
    __class__ = pd.DataFrame
    _mgr = good._mgr
    shape = (5, 5)
pretender = NoFrame()
# dataframes: []
# ---
class Hidden(pd.DataFrame):
    @property
    def _mgr(self):
        raise RuntimeError("_mgr")
    @_mgr.setter
    def _mgr(self, value):
        self.__dict__["_mgr"] = value
hidden = Hidden({"a": [1, 2, 3]})
# dataframes: [["hidden", 3, 1]]
# ---
class Module:
    def __getattr__(self, name):
        raise RuntimeError("module")
real = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("pandas", "numpy")}
for name in real:
    sys.modules[name] = Module()
good._mgr.blocks[0].values[0, 0] = 5
# dataframes: [["good", 2, 1], ["liar", 2, 1]]
# ---
sys.modules.update(real)
class Name(str):
    pass
globals()[Name("renamed")] = pd.DataFrame({"a": [1]})
# dataframes: []
# ---
# Insides that pandas would not make: nothing crashes, and good is examined as before.
broken = [pd.DataFrame({"a": [1, 2]}) for i in range(6)]
b0, b1, b2, b3, b4, b5 = broken
b0.__dict__["_mgr"] = 5
del b1.__dict__["_mgr"]
b2._mgr.axes.append(5)
b3._mgr.axes[0] = "columns"
b4._mgr.axes[1].__dict__["_range"] = "no range"
class Fake:
    axes = b5._mgr.axes
    blocks = (1, 2, 3)
b5.__dict__["_mgr"] = Fake()
print("alive")
# output: ["alive"]
# ---
good._mgr.blocks[0].values[0, 0] = 9
del b0, b1, b2, b3, b4, b5, broken
# dataframes: [["good", 2, 1], ["liar", 2, 1]]
# ---
del liar
good["b"] = 1
# dataframes: [["good", 2, 2]]
# ---
import numpy as np
class Cell:
    def __eq__(self, other):
        raise RuntimeError("eq")
    def __hash__(self):
        raise RuntimeError("hash")
    def __getattr__(self, name):
        raise RuntimeError("getattr")
loop = []
loop.append(loop)
raw = np.empty((3, 1), dtype=object)
raw[0, 0] = Cell()
raw[1, 0] = loop
raw[2, 0] = np.nan
cells = pd.DataFrame(raw)
# dataframes: [["cells", 3, 1]]
# ---
len(cells)
# dataframes: []
# ---
raw = np.empty(3, dtype=object)
loop.clear()
nulls = pd.DataFrame({"o": pd.Series(raw, dtype=object)})
deep = []
for i in range(100000):
    deep = [deep]
nested = pd.DataFrame({"o": pd.Series([deep, 1], dtype=object)})
# dataframes: [["cells", 3, 1], ["nulls", 3, 1], ["nested", 2, 1]]
# ---
while deep:
    deep = deep.pop()
good.pop("b")
# dataframes: [["good", 2, 1], ["nested", 2, 1]]
