# Code that tidies up has its time.
# option: {"cancel_on": "ready"}
import contextlib
import time


@contextlib.contextmanager
def managed():
    try:
        yield
    finally:
        print("left")


with managed():
    try:
        print("ready")
        while True:
            pass
    finally:
        time.sleep(0.01)
        print("tidied")
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# output: ["ready", "tidied", "left"]
