# Cancelled near its end or not, what runs next runs undisturbed.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
print("ready")
for _ in range(1000):
    pass
try:
    while True:
        pass
except KeyboardInterrupt:
    pass
# ---
import time

until = time.monotonic() + 0.3
while time.monotonic() < until:
    pass
print("undisturbed")
# output: ["undisturbed"]
