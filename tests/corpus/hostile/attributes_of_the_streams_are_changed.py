# The objects and their types are what they are.
import sys

for change in (
    lambda: setattr(sys.stdout, "write", None),
    lambda: setattr(type(sys.stdout), "write", None),
    lambda: setattr(sys.stdout, "__class__", object),
    lambda: sys.stdout.__init__(),
    lambda: sys.stdout.__del__(),
    lambda: sys.stdout.detach(),
):
    try:
        change()
    except Exception:
        pass
# ---
print("still")
sys.stdout.write("whole\n")
sys.stderr.write("both\n")
# output: ["still", "whole", "both"]
