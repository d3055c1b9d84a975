# The next import gives the user's object, and nothing else changes.
import sys
import types

fake = types.ModuleType("pandas")
fake.DataFrame = list
sys.modules["pandas"] = fake
import pandas

print(pandas.DataFrame("ab"))
# output: ["['a', 'b']"]
# ---
sys.modules["pandas"] = None
print("fine")
# output: ["fine"]
# ---
import pandas
# type: "ModuleNotFoundError"
# error_contains: "import of pandas halted"
