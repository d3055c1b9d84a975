# inspect.getmodule, __module__, stacks and frames.
import inspect
import sys


def here():
    frame = inspect.currentframe()
    return frame.f_back.f_globals is globals(), [info.function for info in inspect.stack()]


class Thing:
    pass


print(inspect.getmodule(here).__name__, here.__module__, Thing.__module__, here.__code__.co_filename)
print(here(), sys._getframe().f_code.co_name)
# output: ["__main__ __main__ __main__ <execution 1>", "(True, ['here', '<module>']) <module>"]
