# Nothing is lost but the sandbox itself.
# option: {"wall_ms": 500, "grace_ms": 300}
import os

for number in range(3, 6):
    try:
        os.set_blocking(number, False)
        os.read(number, 1000)
    except OSError:
        pass
print("still here")
# output: ["still here"]
