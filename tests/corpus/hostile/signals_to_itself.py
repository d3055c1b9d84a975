# Those that end nothing by default.
import os
import signal

os.kill(os.getpid(), signal.SIGCHLD)
os.kill(os.getpid(), signal.SIGWINCH)
os.kill(os.getpid(), signal.SIGURG)
print("alive")
# output: ["alive"]
