# 255 bytes, of any kind.
for letter in "a", "é":
    open(letter * (255 // len(letter.encode())), "w").close()
open(b"\xff\xfe.txt", "w").close()
# file_count: 3
