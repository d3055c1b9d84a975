# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import os

os.mkfifo("pipe")
print("ready")
open("pipe")
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
