# Every character survives, the NUL character too.
print("grüße ✓ 日本 😀")
print("a\0b")
print("e\u0301", "\u202e", "\x1b[31mred\x1b[0m")
# output: ["grüße ✓ 日本 😀", "a\u0000b", "e\u0301 \u202e \u001b[31mred\u001b[0m"]
