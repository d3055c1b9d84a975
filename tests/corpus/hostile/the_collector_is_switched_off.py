# It stays off: that is the user's choice.
import gc

gc.disable()
gc.set_threshold(0)
# ---
print(gc.isenabled())
# output: ["False"]
