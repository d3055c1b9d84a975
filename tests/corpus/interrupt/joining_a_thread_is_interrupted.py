# The thread itself goes on.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import threading

stop = threading.Event()
ended = []


def work():
    stop.wait()
    ended.append(True)


thread = threading.Thread(target=work)
thread.start()
print("ready")
thread.join()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
import time

print(ended)
stop.set()
while not ended:
    time.sleep(0.001)
print(ended)
# output: ["[]", "[True]"]
