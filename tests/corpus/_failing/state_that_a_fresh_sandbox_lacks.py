# must_fail: ["error", "outcome"]
import os

x = 1
os._exit(0)
# outcome: "exit"
# ended: true
# ---
print(x)
