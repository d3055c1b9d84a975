# Each execution has its own elements, and none when it prints nothing.
print("first")
# output: ["first"]
# ---
x = 1
# output: []
# ---
print("third")
# output: ["third"]
