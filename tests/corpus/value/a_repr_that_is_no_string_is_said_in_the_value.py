# repr() itself raises TypeError then.
class Wrong:
    def __repr__(self):
        return 5


Wrong()
# value: "<Wrong object whose __repr__ raised TypeError>"
