# Its elements belong to whatever execution runs.
import threading

stop = False
printed = 0


def chatter():
    global printed
    while not stop:
        print("chatter")
        printed += 1


thread = threading.Thread(target=chatter, daemon=True)
thread.start()
while printed < 10:
    pass
# output_contains: ["chatter", "chatter", "chatter", "chatter", "chatter", "chatter", "chatter", "chatter"]
# limit: "none"
# ---
before = printed
while printed < before + 10:
    pass
stop = True
thread.join()
# output_contains: ["chatter"]
# ---
print("quiet")
# output: ["quiet"]
