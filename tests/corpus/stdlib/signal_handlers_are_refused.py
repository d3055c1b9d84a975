# Signals belong to the main interpreter; the message is Python's.
import signal

signal.signal(signal.SIGINT, lambda *_: None)
# type: "ValueError"
# error: "executing Python code: ValueError('signal only works in main thread of the main interpreter')"
# line: 4
