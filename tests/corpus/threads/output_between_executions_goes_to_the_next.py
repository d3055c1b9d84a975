# A daemon thread that prints when nothing runs: nothing is lost.
import threading
import time

go = threading.Event()


def late():
    go.wait()
    print("between")


thread = threading.Thread(target=late, daemon=True)
thread.start()
threading.Timer(0.05, go.set).start()
# output: []
# ---
thread.join()
print("after it")
# output: ["between", "after it"]
