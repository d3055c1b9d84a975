# While a child process lives, print does not end the line that it has begun.
# option: {"processes": true}
import subprocess
import time

child = subprocess.Popen(["sh", "-c", "printf half; read wait; echo ' and half'"], stdin=subprocess.PIPE)
time.sleep(0.2)
print("meanwhile")
child.communicate(b"\n")
print("afterwards")
# output: ["meanwhile", "half and half", "afterwards"]
