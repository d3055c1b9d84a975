# Spaces, quotes, other scripts, a newline.
for name in "with space.txt", "quote'\".txt", "grüße.txt", "日本.csv", "new\nline.txt":
    open(name, "w").close()
# files: ["grüße.txt", "new\nline.txt", "quote'\".txt", "with space.txt", "日本.csv"]
