# As a text stream does; anything but a str is refused.
import sys

print(sys.stdout.write("grüße\n"), sys.stderr.write(""))
# output: ["grüße", "6 0"]
# ---
sys.stdout.write(b"bytes")
# error: "executing Python code: TypeError('write() argument must be str, not bytes')"
