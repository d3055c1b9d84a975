# The execution is fine: only its value cannot be shown.
class Broken:
    def __repr__(self):
        raise ValueError("no")


Broken()
# value: "<Broken object whose __repr__ raised ValueError>"
