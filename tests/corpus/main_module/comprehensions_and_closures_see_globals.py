# The code is a module's body and not a function's.
base = 10
table = {i: base + i for i in range(3)}
adders = [lambda v, i=i: v + i + base for i in range(3)]


def counter():
    global base
    base += 1
    return base


print(table, [add(1) for add in adders], counter(), base)
# output: ["{0: 10, 1: 11, 2: 12} [11, 12, 13] 11 11"]
