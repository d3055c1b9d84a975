# Two elements that fill it exactly; a third one without bytes is left out as an element.
# option: {"output_bytes": 6}
import sys

print("abc")
print("def", file=sys.stderr)
print("x")
print("")
# output: ["abc", "def"]
# omitted: [1, 2]
# limit: "output_bytes"
