# __class__ is a property; the type is what the object really is.
class Liar(Exception):
    @property
    def __class__(self):
        return SystemExit

    code = 0


raise Liar("truth")
# outcome: "exception"
# error: "executing Python code: Liar('truth')"
# type: "Liar"
