# A file gets print's text with its end, and no element is made.
with open("note.txt", "w") as file:
    print("line", 1, file=file)
    print("line", 2, file=file, flush=True)
print(repr(open("note.txt").read()))
# output: ["'line 1\\nline 2\\n'"]
# files: ["note.txt"]
