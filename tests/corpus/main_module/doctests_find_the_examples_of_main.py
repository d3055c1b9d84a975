# doctest works on the module without arguments.
import doctest


def double(x):
    """
    >>> double(2)
    4
    >>> double("a")
    'aaa'
    """
    return 2 * x


print(doctest.testmod())
# output_contains: ["Expected:", "    'aaa'", "Got:", "    'aa'", "TestResults(failed=1, attempted=2)"]
