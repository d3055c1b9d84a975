# No file behind __main__; arguments and path are those of python -c.
import sys

print("__file__" in globals(), sys.argv, __spec__)
print(sys.path[0] == __import__("os").getcwd())
# output: ["False [''] None", "True"]
