# subprocess.run of a long command, and Popen.wait.
# option: {"processes": true, "cancel_on": "ready", "cancel_after_ms": 200}
import subprocess

print("ready")
subprocess.run(["sleep", "60"])
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 2000
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
child = subprocess.Popen(["sleep", "60"])
print("ready")
child.wait()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 2000
# ---
child.kill()
print(child.wait(), subprocess.run(["true"]).returncode)
# output: ["-9 0"]
