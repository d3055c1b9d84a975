# Class in a class, class in a function.
class Outer:
    class Inner(Exception):
        pass


raise Outer.Inner
# type: "Outer.Inner"
# error: "executing Python code: Inner()"
# ---
def make():
    class Local(Exception):
        pass

    return Local


raise make()
# error: "executing Python code: Local()"
# type: "make.<locals>.Local"
