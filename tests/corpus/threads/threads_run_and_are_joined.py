# Sixteen threads with a lock.
import threading

total = 0
lock = threading.Lock()


def add():
    global total
    for _ in range(1000):
        with lock:
            total += 1


threads = [threading.Thread(target=add) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, threading.active_count(), threading.current_thread() is threading.main_thread())
# output: ["16000 1 True"]
# ---
import time

start = time.monotonic()
event = threading.Event()
thread = threading.Thread(target=event.wait)
thread.start()
thread.join(0.05)
print(thread.is_alive(), time.monotonic() - start < 1)
event.set()
thread.join(60)
print(thread.is_alive(), time.monotonic() - start < 2)
thread.join(-1)
thread.join()
# output: ["True True", "False True"]
# ---
threading.Thread().join()
# error: "executing Python code: RuntimeError('cannot join thread before it is started')"
# line: 1
