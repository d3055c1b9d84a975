# The element is cut, and the count is exact.
# option: {"output_bytes": 10}
print("a" * 11)
# output: ["aaaaaaaaaa"]
# omitted: [1, 1]
# limit: "output_bytes"
