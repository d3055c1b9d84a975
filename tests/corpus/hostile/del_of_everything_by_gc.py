# Every dict that the collector knows is cleared.
import gc

for thing in gc.get_objects():
    if isinstance(thing, dict) and thing is not globals():
        try:
            thing.clear()
        except BaseException:
            pass
# ---
print("whatever happened, this runs")
# output: ["whatever happened, this runs"]
