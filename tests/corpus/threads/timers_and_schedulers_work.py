# threading.Timer, sched, time functions.
import sched
import threading
import time

done = threading.Event()
threading.Timer(0.01, done.set).start()
print(done.wait(5))
scheduler = sched.scheduler(time.monotonic, time.sleep)
scheduler.enter(0.002, 1, print, ("second",))
scheduler.enter(0.001, 1, print, ("first",))
scheduler.run()
# output: ["True", "first", "second"]
