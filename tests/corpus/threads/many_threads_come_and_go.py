# Five hundred, one after another and all at once.
import threading

for _ in range(300):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
barrier = threading.Barrier(51)
threads = [threading.Thread(target=barrier.wait) for _ in range(50)]
for thread in threads:
    thread.start()
barrier.wait(10)
for thread in threads:
    thread.join()
print(threading.active_count())
# output: ["1"]
