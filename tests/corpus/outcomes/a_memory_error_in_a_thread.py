# The thread dies of it, as of any exception; the execution does not.
# option: {"memory_bytes": 268435456}
import threading


def work():
    bytearray(1 << 40)


thread = threading.Thread(target=work)
thread.start()
thread.join()
print("fine")
# stdout: ["fine"]
# stderr_contains: ["MemoryError"]
