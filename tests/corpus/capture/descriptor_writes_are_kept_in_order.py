# os.write to 1 and 2 comes between the prints before and after it.
import os

print("one")
os.write(1, b"two\n")
print("three")
os.write(2, b"four\nfive\n")
print("six")
# output: ["one", "two", "three", "four", "five", "six"]
# stderr: ["four", "five"]
