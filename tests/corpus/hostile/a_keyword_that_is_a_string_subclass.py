# Arguments of print by a dict with odd keys.
class Key(str):
    def __eq__(self, other):
        raise RuntimeError("compared")

    __hash__ = str.__hash__


print("x", **{Key("sep"): "-"})
# output: ["x"]
