# Module and qualified name are no strings, or hold what they should not.
class Evil(Exception):
    pass


Evil.__module__ = 5
raise Evil
# error_contains: "executing Python code: "
# type: "Evil"
# ---
Evil.__module__ = "a\nb\0c\ud800"
raise Evil
# error_contains: "executing Python code: "
# outcome: "exception"
