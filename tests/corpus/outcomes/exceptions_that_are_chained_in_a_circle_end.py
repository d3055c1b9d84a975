# A cause that leads back to itself is shown once.
first, second = ValueError("first"), ValueError("second")
first.__cause__, second.__cause__ = second, first
raise first
# error: "executing Python code: ValueError('first')"
# traceback: "ValueError: second\n"
# traceback: "ValueError: first\n"
