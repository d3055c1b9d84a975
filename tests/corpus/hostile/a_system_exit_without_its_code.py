# The attribute is gone or a property that raises.
class Evil(SystemExit):
    @property
    def code(self):
        raise RuntimeError("no code")


raise Evil(3)
# outcome: "exit"
# error_contains: ""
# exit: 1
