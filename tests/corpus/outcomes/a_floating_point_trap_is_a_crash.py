# SIGFPE, SIGILL and SIGBUS like SIGSEGV.
import os
import signal

os.kill(os.getpid(), signal.SIGFPE)
# outcome: "crashed"
# signal: 8
# ended: true
# error_contains: "SIGFPE"
