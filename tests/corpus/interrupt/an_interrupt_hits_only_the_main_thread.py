# A thread that computes goes on when the execution is cancelled.
# option: {"cancel_on": "ready", "cancel_after_ms": 50}
import threading
import time

ticks = 0
stop = False


def tick():
    global ticks
    while not stop:
        ticks += 1
        time.sleep(0.001)


thread = threading.Thread(target=tick)
thread.start()
print("ready")
while True:
    pass
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# ---
before = ticks
time.sleep(0.1)
print(ticks > before)
stop = True
thread.join()
# output: ["True"]
