# The engine uses the dict that it knows.
import sys

sys.modules = {}
# ---
import json
import sys

print(json.dumps([1]), len(sys.modules) > 10)
# output: ["[1] True"]
