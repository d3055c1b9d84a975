# queue.Queue.get and the C one, queue.SimpleQueue.get.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import queue

waiting = queue.Queue()
print("ready")
waiting.get()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
simple = queue.SimpleQueue()
print("ready")
simple.get()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
waiting.put(1)
simple.put(2)
print(waiting.get(), simple.get())
# output: ["1 2"]
