# os.write into a pipe that nobody empties.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import os

inward, outward = os.pipe()
print("ready")
while True:
    os.write(outward, bytes(65536))
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
print(len(os.read(inward, 65536)))
# output: ["65536"]
