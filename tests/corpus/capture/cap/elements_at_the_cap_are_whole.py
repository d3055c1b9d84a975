# Exactly a million.
for _ in range(1_000_000):
    print()
# output_count: 1000000
