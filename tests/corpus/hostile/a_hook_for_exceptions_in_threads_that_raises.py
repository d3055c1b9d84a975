# threading.excepthook fails: Python tells on stderr.
import threading


def hook(arguments):
    raise RuntimeError("in the hook")


threading.excepthook = hook
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
print("goes on")
# stdout: ["goes on"]
# stderr_contains: ["RuntimeError: in the hook"]
