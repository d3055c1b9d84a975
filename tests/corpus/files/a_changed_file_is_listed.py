# Longer, of the same length, appended to, in place.
open("a.txt", "w").write("one")
open("b.txt", "w").write("two")
# files: ["a.txt", "b.txt"]
# ---
with open("a.txt", "a") as file:
    file.write("more")
# files: ["a.txt"]
# ---
open("b.txt", "w").write("TWO")
# files: ["b.txt"]
# ---
with open("b.txt", "r+b") as file:
    file.seek(1)
    file.write(b"x")
# files: ["b.txt"]
