# inspect.getsource finds functions of this and of earlier executions.
import inspect


def first(a, b=2):
    """Doc."""
    return a + b


print(inspect.getsource(first))
print(inspect.signature(first))
# output: ["def first(a, b=2):\n    \"\"\"Doc.\"\"\"\n    return a + b\n", "(a, b=2)"]
# ---
def second():
    return 2


print(inspect.getsource(first).splitlines()[0], inspect.getsource(second).splitlines()[0])
print(inspect.getsourcelines(first)[1], inspect.getsourcelines(second)[1])
# output: ["def first(a, b=2): def second():", "5 1"]
# ---
def first():
    return "new"


print(inspect.getsource(first))
# output: ["def first():\n    return \"new\"\n"]
