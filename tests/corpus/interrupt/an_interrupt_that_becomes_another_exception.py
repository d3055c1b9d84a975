# Code that raises something else instead has failed with that.
# option: {"cancel_on": "ready"}
try:
    print("ready")
    while True:
        pass
except KeyboardInterrupt:
    raise ValueError("instead")
# outcome: "exception"
# error: "executing Python code: ValueError('instead')"
