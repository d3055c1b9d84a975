# SIGALRM has no handler in a subinterpreter.
import signal
import time

print("before")
signal.alarm(1)
time.sleep(10)
# outcome: "crashed"
# signal: 14
# ended: true
# error_contains: "SIGALRM"
# output: ["before"]
