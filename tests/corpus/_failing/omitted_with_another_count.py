# must_fail: ["omitted"]
# option: {"output_bytes": 2}
print("abc")
# limit: "output_bytes"
# omitted: [1, 2]
