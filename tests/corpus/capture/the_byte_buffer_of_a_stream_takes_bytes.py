# sys.stdout.buffer takes any bytes-like object and makes lines of it.
import array
import sys

count = sys.stdout.buffer.write(b"bytes \xc3\xa9\n")
sys.stdout.buffer.write(memoryview(b"view\n"))
sys.stdout.buffer.write(array.array("B", b"array\n"))
sys.stderr.buffer.write(b"error\n")
sys.stdout.buffer.flush()
print(count)
# stdout: ["bytes é", "view", "array", "9"]
# stderr: ["error"]
