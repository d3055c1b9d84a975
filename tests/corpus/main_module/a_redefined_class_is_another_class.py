# As in any module: instances keep the class that they were made of.
class Thing:
    version = 1


old = Thing()
# ---
class Thing:
    version = 2


print(old.version, Thing().version, isinstance(old, Thing), type(old).__qualname__)
# output: ["1 2 False Thing"]
