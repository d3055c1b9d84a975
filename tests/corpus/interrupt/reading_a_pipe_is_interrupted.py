# os.read, and a buffered file over it.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import os

inward, outward = os.pipe()
print("ready")
os.read(inward, 10)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
file = open(inward, "rb", closefd=False)
print("ready")
file.read(10)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
os.write(outward, b"still there")
print(os.read(inward, 20))
# output: ["b'still there'"]
