# option: {"output_bytes": 10}
import os
print("x" * 20)
print("y")
os._exit(0)
# outcome: "exit"
# ended: true
# omitted: [11, 2]
# limit: "output_bytes"
