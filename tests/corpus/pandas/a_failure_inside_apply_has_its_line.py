# The innermost line of the executed code is in the function.
import pandas as pd


def fail(value):
    return 1 / value


pd.Series([1, 0]).map(fail)
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 6
