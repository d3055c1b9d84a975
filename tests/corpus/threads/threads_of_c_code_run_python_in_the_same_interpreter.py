import ctypes
import sys

libc = ctypes.CDLL(None)
seen = []


@ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
def callback(argument):
    import sys as again
    import tomllib
    seen.append(again is sys and again.modules is sys.modules and "pandas" in again.modules
                and again.modules.get("tomllib") is tomllib)


thread = ctypes.c_ulong()
for i in range(3):
    libc.pthread_create(ctypes.byref(thread), None, callback, None)
    libc.pthread_join(thread, None)
print(seen)
# output: ["[True, True, True]"]
