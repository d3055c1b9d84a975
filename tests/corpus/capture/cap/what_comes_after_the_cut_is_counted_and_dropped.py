# Even what would fit again: the output has no holes.
# option: {"output_bytes": 5}
print("abc")
print("defg")
print("h")
print("ij")
# output: ["abc", "de"]
# omitted: [5, 3]
# limit: "output_bytes"
