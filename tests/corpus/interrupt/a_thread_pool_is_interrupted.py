# The result of a future, inside a with that joins the threads as well.
# option: {"cancel_on": "ready", "cancel_after_ms": 100, "grace_ms": 3000}
import threading
from concurrent.futures import ThreadPoolExecutor

stop = threading.Event()
with ThreadPoolExecutor(2) as pool:
    print("ready")
    pool.submit(stop.wait).result()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 3000
# ---
stop.set()
with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(abs, [-1, -2])))
# output: ["[1, 2]"]
