# Four bytes, three allowed: the element is left out wholly.
# option: {"output_bytes": 3}
print("😀")
# output: []
# omitted: [4, 1]
# limit: "output_bytes"
