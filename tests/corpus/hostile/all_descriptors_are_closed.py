# The sandbox has cut itself off: that ends it, and nothing else.
import os

os.closerange(0, 4096)
# outcome_in: ["killed", "exit"]
# ended: true
# ---
print("a fresh one")
# output: ["a fresh one"]
