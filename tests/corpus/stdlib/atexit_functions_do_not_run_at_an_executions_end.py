# They belong to the end of the process, which comes without them.
import atexit

atexit.register(print, "at exit")
# output: []
# ---
print("later")
# output: ["later"]
