# Names, subclass checks and comparisons of the class are the user's code.
class Meta(type):
    def __subclasscheck__(cls, other):
        return True

    def __instancecheck__(cls, other):
        return True

    def __eq__(cls, other):
        return True

    def __hash__(cls):
        raise RuntimeError("hash")

    def __getattribute__(cls, name):
        if name in ("__name__", "__module__", "__qualname__"):
            raise RuntimeError(name)
        return type.__getattribute__(cls, name)


class Evil(Exception, metaclass=Meta):
    pass


raise Evil("text")
# outcome: "exception"
# type: "Evil"
# message: "text"
# error_contains: "executing Python code: "
# line: 25
