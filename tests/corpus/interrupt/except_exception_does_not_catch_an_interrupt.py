# KeyboardInterrupt is no Exception.
# option: {"cancel_on": "ready"}
print("ready")
while True:
    try:
        sum(range(100))
    except Exception:
        print("caught")
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# output: ["ready"]
