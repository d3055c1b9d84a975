# Without an option.
print("x" * 1_048_576)
# lengths: [1048576]
# ---
print("x" * 1_048_577)
# lengths: [1048576]
# omitted: [1, 1]
# limit: "output_bytes"
