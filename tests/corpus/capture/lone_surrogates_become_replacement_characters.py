# A str that has no UTF-8 form is printed as far as possible.
import sys

print("a\ud800b")
print("\udcff\udcfe", file=sys.stderr)
sys.stdout.write("c\udfffd\n")
print("\ud83d\ude00")
# output: ["a\ufffdb", "\ufffd\ufffd", "c\ufffdd", "\ufffd\ufffd"]
