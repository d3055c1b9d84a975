# The end of a print call is not part of its element, its separator is.
print("a", "b", sep="")
print("c", "d", sep=", ")
print("e", "f", sep=None, end=None)
print("g", end="")
print("h", end="!\n")
print(1, 2, 3, sep="\n", end="\n\n")
print(end="only an end")
print("i", flush=True)
# output: ["ab", "c, d", "e f", "g", "h", "1\n2\n3", "", "i"]
