# Two bytes each, eleven allowed: five characters and no half one.
# option: {"output_bytes": 11}
print("é" * 6)
# output: ["ééééé"]
# omitted: [2, 1]
# limit: "output_bytes"
