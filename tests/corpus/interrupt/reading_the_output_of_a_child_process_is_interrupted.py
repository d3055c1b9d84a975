# communicate waits in select or read.
# option: {"processes": true, "cancel_on": "ready", "cancel_after_ms": 200}
import subprocess

print("ready")
subprocess.run(["sleep", "60"], capture_output=True)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 2000
# ---
print(subprocess.check_output(["echo", "works"]))
# output: ["b'works\\n'"]
