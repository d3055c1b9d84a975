# The host takes it for what it is: the protocol is broken and the sandbox ended.
import os

for number in range(3, 10):
    try:
        os.write(number, b"\xff" * 4096)
    except OSError:
        pass
# engine_error: "PROTOCOL"
# ---
print("a fresh one")
# output: ["a fresh one"]
