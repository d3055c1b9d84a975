# They come back with the next execution.
x = 1
del __builtins__
# ---
print(x, len("abc"))
# output: ["1 3"]
