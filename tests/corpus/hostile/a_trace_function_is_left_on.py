# It ends with its execution.
import sys

events = []
sys.settrace(lambda frame, event, argument: events.append(event))
sys.setprofile(lambda frame, event, argument: events.append(event))
# ---
count = len(events)
len("abc")


def f():
    pass


f()
print(sys.gettrace(), sys.getprofile(), len(events) == count)
# output: ["None None True"]
