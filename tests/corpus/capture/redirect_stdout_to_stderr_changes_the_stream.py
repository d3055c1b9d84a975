# print follows sys.stdout, and the element has the stream that it went to.
import contextlib
import sys

with contextlib.redirect_stdout(sys.stderr):
    print("on the other", "side")
print("back")
# output: ["on the other side", "back"]
# stderr: ["on the other side"]
