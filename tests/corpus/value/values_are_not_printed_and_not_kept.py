# There is no underscore, and each execution has its own value.
6 * 7
# value: "42"
# output: []
# ---
x = 1
# value: null
# ---
_
# error: "executing Python code: NameError(\"name '_' is not defined\")"
