# The next execution finds the real one.
import sys

sys.modules["sys"] = "not a module"
# ---
import sys

print(type(sys).__name__, sys.modules["sys"] is sys)
# output: ["module True"]
