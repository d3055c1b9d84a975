# Assertions are on.
assert 1 + 1 == 3, "arithmetic"
# error: "executing Python code: AssertionError('arithmetic')"
# line: 2
