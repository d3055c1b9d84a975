# Every attribute of the exception raises when it is looked at.
class Evil(Exception):
    def __getattribute__(self, name):
        raise RuntimeError(name)


raise Evil("text")
# outcome: "exception"
# error: "executing Python code: Evil('text')"
# type: "Evil"
# message: "text"
