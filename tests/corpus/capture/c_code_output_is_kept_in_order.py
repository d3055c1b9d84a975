# puts and printf of the C library, between print calls.
import ctypes

libc = ctypes.CDLL(None)
print("one")
libc.puts(b"two")
print("three")
libc.printf(b"%s-%d\n", b"four", 4)
print("five")
libc.write(2, b"six\n", 4)
print("seven")
# output: ["one", "two", "three", "four-4", "five", "six", "seven"]
# stderr: ["six"]
