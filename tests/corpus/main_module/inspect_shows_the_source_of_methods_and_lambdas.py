# Methods, nested functions, decorated functions, lambdas.
import functools
import inspect


def plain(function):
    @functools.wraps(function)
    def inner():
        return function()

    return inner


@plain
def decorated():
    return 1


class Holder:
    @staticmethod
    def static():
        return 2

    @property
    def prop(self):
        return 3


short = lambda v: v + 1
# ---
print(inspect.getsource(decorated).splitlines()[:2])
print(inspect.getsource(Holder.static).splitlines()[-1].strip())
print(inspect.getsource(Holder.prop.fget).splitlines()[-1].strip())
print(inspect.getsource(short).strip())
# output: ["['@plain', 'def decorated():']", "return 2", "return 3", "short = lambda v: v + 1"]
