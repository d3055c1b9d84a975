# select, poll and epoll on a pipe in which nothing comes.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import os
import select

inward, outward = os.pipe()
print("ready")
select.select([inward], [], [])
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
poller = select.poll()
poller.register(inward, select.POLLIN)
print("ready")
poller.poll()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
epoll = select.epoll()
epoll.register(inward, select.EPOLLIN)
print("ready")
epoll.poll()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
os.write(outward, b"x")
print(select.select([inward], [], [], 1)[0] == [inward], len(poller.poll()), len(epoll.poll()))
# output: ["True 1 1"]
