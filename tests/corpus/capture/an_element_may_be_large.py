# One print call of half a megabyte is one element.
print("é" * 250_000)
print("x" * 300_000)
# lengths: [500000, 300000]
