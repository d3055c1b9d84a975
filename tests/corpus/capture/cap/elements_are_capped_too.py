# A million elements are kept, whatever their size.
for _ in range(1_000_003):
    print()
# output_count: 1000000
# omitted: [0, 3]
# limit: "output_bytes"
