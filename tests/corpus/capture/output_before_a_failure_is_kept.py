# The elements up to the exception are handed out beside the error.
print("one")
print("two")
raise RuntimeError("after two")
# output: ["one", "two"]
# error: "executing Python code: RuntimeError('after two')"
