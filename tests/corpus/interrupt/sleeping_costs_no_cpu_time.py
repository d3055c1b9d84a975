# The processor limit is not reached by waiting.
# option: {"cpu_ms": 150}
import time

time.sleep(0.4)
print("slept")
# output: ["slept"]
