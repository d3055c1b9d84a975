# Through functions of the same execution, to the one that raised.
def inner(values):
    return values[5]


def outer():
    return inner([1])


outer()
# error: "executing Python code: IndexError('list index out of range')"
# line: 3
# traceback: "line 10, in <module>"
# traceback: "line 7, in outer"
# traceback: "line 3, in inner"
