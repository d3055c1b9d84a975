# Each call of print is one element, whatever its text holds.
print("one")
print("two", 2, None, [1, "x"])
print("three\nfour")
print()
print("")
print("ends with a newline\n")
print("tab\tand carriage\rreturn")
# stdout: ["one", "two 2 None [1, 'x']", "three\nfour", "", "", "ends with a newline\n"]
# stdout: ["tab\tand carriage\rreturn"]
# stderr: []
