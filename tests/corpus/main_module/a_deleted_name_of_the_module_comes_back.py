# The next execution has a __name__ again.
del __name__
# ---
print(__name__)
# output: ["__main__"]
