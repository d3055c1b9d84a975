# Code that catches KeyboardInterrupt and comes to its end was fine.
# option: {"cancel_on": "ready"}
try:
    print("ready")
    while True:
        pass
except KeyboardInterrupt:
    print("caught")
# outcome: "ok"
# output: ["ready", "caught"]
# ---
print("next")
# output: ["next"]
