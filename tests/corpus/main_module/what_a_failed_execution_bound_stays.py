# An exception undoes nothing.
a = 1
for b in range(10):
    if b == 3:
        raise ValueError(b)
c = 3
# error: "executing Python code: ValueError(3)"
# ---
print(a, b, "c" in globals())
# output: ["1 3 False"]
