# A child process inherits descriptors 1 and 2.
# option: {"processes": true}
import subprocess

print("one")
subprocess.run(["echo", "two"], check=True)
print("three")
subprocess.run("echo four; echo five >&2; printf six", shell=True, check=True)
print("seven")
# stdout: ["one", "two", "three", "four", "six", "seven"]
# stderr: ["five"]
