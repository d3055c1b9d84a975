# All texts about an exception are absent.
print("fine")
# error: null
# outcome: "ok"
# type: null
# message: null
# line: 0
# exit: 0
# signal: 0
