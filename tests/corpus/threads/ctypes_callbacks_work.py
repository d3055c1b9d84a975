# C code that calls Python: qsort with a Python comparison, on this thread and on another.
import ctypes
import threading

libc = ctypes.CDLL(None)
compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))


def sort(values):
    array = (ctypes.c_int * len(values))(*values)
    libc.qsort(array, len(array), ctypes.sizeof(ctypes.c_int), compare_type(lambda a, b: a[0] - b[0]))
    return list(array)


print(sort([5, 1, 3]))
thread = threading.Thread(target=lambda: print(sort([9, 8, 7])))
thread.start()
thread.join()
# output: ["[1, 3, 5]", "[7, 8, 9]"]
