# print returns None, as does a method that works in place.
None
# value: null
# ---
print("shown")
# value: null
# output: ["shown"]
# ---
[3, 1].sort()
# value: null
