# Nor do keys that cannot be compared or hashed twice harm anybody.
class Odd(str):
    def __eq__(self, other):
        raise RuntimeError("compared")

    __hash__ = str.__hash__


globals()[1] = "one"
globals()[None] = "none"
globals()[Odd("odd")] = "odd"
# ---
print("fine")
# output: ["fine"]
