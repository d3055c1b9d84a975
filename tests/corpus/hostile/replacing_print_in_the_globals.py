# The user's own print hides the built-in one, as it may.
def print(*values):
    calls.append(values)


calls = []
print(1, 2)
# output: []
# ---
del print
print(calls)
# output: ["[(1, 2)]"]
