# Assignments, loops and definitions at the end.
7
x = 5
# value: null
# ---
for i in range(3):
    i
# value: null
# ---
if True:
    "inside"
# value: null
# ---
def f():
    return 1
# value: null
