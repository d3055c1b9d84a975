# Its finally clause runs.
# option: {"cancel_on": "ready"}
def endless():
    try:
        print("ready")
        while True:
            pass
        yield
    finally:
        print("closed")


for _ in endless():
    pass
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# output: ["ready", "closed"]
