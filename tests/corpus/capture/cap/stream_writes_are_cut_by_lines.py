# Newlines are not counted, and the lines behind the cut are elements that are missing.
# option: {"output_bytes": 7}
import sys

sys.stdout.write("abc\ndefgh\nij\n")
sys.stdout.write("k")
# output: ["abc", "defg"]
# omitted: [4, 3]
# limit: "output_bytes"
