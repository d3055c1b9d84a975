# Hundreds of threads that wait and some that compute do not stop the next execution.
import threading

forever = threading.Event()
for _ in range(100):
    threading.Thread(target=forever.wait).start()


def spin():
    while not forever.is_set():
        pass


threading.Thread(target=spin, daemon=True).start()
# ---
print("answers")
forever.set()
# output: ["answers"]
