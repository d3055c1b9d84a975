# Ten megabytes in print calls; the count is exact and the sandbox goes on.
for _ in range(10_000):
    print("y" * 1000)
# omitted: [8951424, 8952]
# limit: "output_bytes"
# output_count: 1049
# ---
print("calm")
# output: ["calm"]
