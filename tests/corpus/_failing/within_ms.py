# must_fail: ["within_ms"]
import time

time.sleep(0.1)
# within_ms: 100
