# A loop that never ends yields to the host's cancel; variables and the sandbox stay.
# option: {"cancel_on": "ready"}
count = 0
print("ready")
while True:
    count += 1
# outcome: "cancelled"
# type: "KeyboardInterrupt"
# error: "executing Python code: KeyboardInterrupt()"
# output: ["ready"]
# within_ms: 500
# ---
print(count > 0)
# output: ["True"]
