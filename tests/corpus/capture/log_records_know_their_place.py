# File name, line and function of a record, and a stack level of warnings.
import logging
import warnings

logging.basicConfig(format="%(filename)s:%(lineno)d:%(funcName)s %(message)s")


def report():
    logging.error("seen")


report()
try:
    1 / 0
except ZeroDivisionError:
    logging.exception("with traceback")
# stderr_contains: ["<execution 1>:9:report seen", "<execution 1>:16:<module> with traceback"]
# stderr_contains: ["Traceback (most recent call last):", "    1 / 0", "ZeroDivisionError: division by zero"]
# ---
def helper():
    warnings.warn("look at the caller", stacklevel=2)


helper()
# stderr: ["<execution 2>:5: UserWarning: look at the caller", "  helper()"]
