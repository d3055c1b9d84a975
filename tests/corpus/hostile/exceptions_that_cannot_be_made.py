# The class's own __init__ or __new__ fails when it is raised.
class Evil(Exception):
    def __init__(self):
        raise KeyError("init")


raise Evil
# error: "executing Python code: KeyError('init')"
# line: 4
# ---
class NoNew(Exception):
    def __new__(cls):
        return 5


raise NoNew
# type: "TypeError"
# error_contains: "calling <class '__main__.NoNew'> should have returned an instance of BaseException"
