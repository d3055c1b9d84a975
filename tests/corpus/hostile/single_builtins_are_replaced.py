# Those on which Python code depends are put back.
import builtins

builtins.len = builtins.isinstance = builtins.__import__ = builtins.__build_class__ = None
builtins.str = builtins.BaseException = builtins.compile = 5
builtins.extra = "stays"
# ---
import json


class Built:
    pass


print(len("ab"), str(3), isinstance(Built(), Built), extra)
# output: ["2 3 True stays"]
