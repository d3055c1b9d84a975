# sys.executable, prefix, version and platform make sense.
import os
import platform
import sys
import sysconfig

print(os.path.basename(sys.executable), sys.implementation.name, sys.flags.utf8_mode, sys.dont_write_bytecode)
print(platform.python_implementation(), sysconfig.get_python_version() == "%d.%d" % sys.version_info[:2])
print(sys.getfilesystemencoding(), sys.getdefaultencoding(), os.getpid() > 0, sys.flags.optimize)
# output: ["python3 cpython 1 True", "CPython True", "utf-8 utf-8 True 0"]
