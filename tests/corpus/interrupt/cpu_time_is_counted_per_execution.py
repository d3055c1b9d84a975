# Each execution has the whole limit.
# option: {"cpu_ms": 400}
import time

until = time.process_time() + 0.25
while time.process_time() < until:
    pass
# ---
# option: {"cpu_ms": 400}
until = time.process_time() + 0.25
while time.process_time() < until:
    pass
print("fine")
# output: ["fine"]
