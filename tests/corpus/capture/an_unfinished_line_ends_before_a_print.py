# A print call begins an element of its own.
import sys

sys.stdout.write("left open")
print("printed")
sys.stderr.write("also open")
print("printed", file=sys.stderr)
# output: ["left open", "printed", "also open", "printed"]
