# A dict, None, a module of the user's.
__builtins__ = {"print": None}
# ---
print("one")
__builtins__ = None
# output: ["one"]
# ---
print("two")
import sys, types

sys.modules["builtins"] = types.ModuleType("builtins")
# output: ["two"]
# ---
import builtins

print("three", builtins.len("x"))
# output: ["three 1"]
