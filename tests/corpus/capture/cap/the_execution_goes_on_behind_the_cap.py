# The cap cuts output, not the code; the next execution has its own cap.
# option: {"output_bytes": 4}
for number in range(1000):
    print("x")
after = "assigned"
# output: ["x", "x", "x", "x"]
# omitted: [996, 996]
# limit: "output_bytes"
# ---
print(number, after)
# output: ["999 assigned"]
