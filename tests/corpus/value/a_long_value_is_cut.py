# At 64 KiB, between two characters.
"x" * 100_000
# value_length: 65536
# ---
"é" * 100_000
# value_length: 65535
