# Libraries that tidy up do no harm.
import sys

sys.stdout.reconfigure(encoding="latin-1", line_buffering=False)
sys.stdout.close()
sys.stderr.close()
print("still ✓")
print("here ✓", file=sys.stderr)
sys.stdout.flush()
# output: ["still ✓", "here ✓"]
