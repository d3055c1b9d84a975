# A function's globals are those of __main__, whenever it runs.
def total():
    return sum(values)
# ---
values = [1, 2, 3]
print(total())
values = [10]
print(total())
# output: ["6", "10"]
# ---
def total():
    return "another"


print(total())
# output: ["another"]
