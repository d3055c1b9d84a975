# Tracebacks, warnings and inspect use the name that the host gives.
# option: {"filename": "analysis/step one.py"}
import warnings


def fail():
    warnings.warn("named")
    raise LookupError


fail()
# error: "executing Python code: LookupError()"
# line: 8
# traceback: "File \"analysis/step one.py\", line 11, in <module>\n    fail()"
# stderr: ["analysis/step one.py:7: UserWarning: named", "  warnings.warn(\"named\")"]
