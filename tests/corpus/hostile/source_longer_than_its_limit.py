# The host refuses it before it is sent; the sandbox goes on.
x = 1
# ---
# option: {"code": [["#", 16777217]]}
# engine_error: "INVALID"
# ---
print(x)
# output: ["1"]
