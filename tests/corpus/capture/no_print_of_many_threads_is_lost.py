# Eight threads, two streams, sixteen thousand calls.
import sys
import threading


def work():
    for number in range(1000):
        print(number, number)
        print(number, file=sys.stderr)


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# output_count: 16000
