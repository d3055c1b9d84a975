# The execution itself is fine.
import threading


def fail():
    raise ValueError("in a thread")


thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
print("goes on")
# stdout: ["goes on"]
# stderr_contains: ["Exception in thread worker", "line 6, in fail", "ValueError: in a thread"]
