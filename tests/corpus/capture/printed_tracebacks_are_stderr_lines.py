# traceback.print_exc writes to sys.stderr like a script's would.
import traceback

try:
    {}["missing"]
except KeyError:
    traceback.print_exc()
print("goes on")
# stderr_contains: ["Traceback (most recent call last):", "File \"<execution 1>\", line 5, in <module>"]
# stderr_contains: ["    {}[\"missing\"]", "KeyError: 'missing'"]
# stdout: ["goes on"]
