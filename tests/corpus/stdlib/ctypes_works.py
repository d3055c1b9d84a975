# Structures, pointers, functions of the C library, errno.
import ctypes

libc = ctypes.CDLL(None, use_errno=True)


class Pair(ctypes.Structure):
    _fields_ = [("left", ctypes.c_int), ("right", ctypes.c_double)]


libc.strlen.restype = ctypes.c_size_t
print(libc.strlen(b"four"), ctypes.sizeof(Pair), Pair(1, 2.5).right)
print(libc.close(-1), ctypes.get_errno())
buffer = ctypes.create_string_buffer(b"abc", 10)
print(ctypes.cast(buffer, ctypes.c_char_p).value, ctypes.string_at(buffer, 2))
# output: ["4 16 2.5", "-1 9", "b'abc' b'ab'"]
