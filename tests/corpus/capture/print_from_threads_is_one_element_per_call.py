# Threads that print at the same time do not mix their texts.
import sys
import threading

sys.setswitchinterval(1e-6)


def work():
    for _ in range(5):
        print("one", "whole", "line", sep="|")


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# stdout: ["one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line"]
# stdout: ["one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line"]
# stdout: ["one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line"]
# stdout: ["one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line", "one|whole|line"]
