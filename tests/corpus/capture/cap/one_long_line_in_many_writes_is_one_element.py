# A line that never ends is collected up to the cap and counted behind it.
# option: {"output_bytes": 1000}
import sys

for _ in range(100):
    sys.stdout.write("x" * 1000)
sys.stdout.write("\n")
# lengths: [1000]
# omitted: [99000, 1]
# limit: "output_bytes"
