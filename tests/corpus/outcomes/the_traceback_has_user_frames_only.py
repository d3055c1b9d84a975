# Nothing of the engine shows.
raise RuntimeError("bare")
# error: "executing Python code: RuntimeError('bare')"
# traceback: "Traceback (most recent call last):\n  File \"<execution 1>\", line 2, in <module>\n"
# traceback_lacks: "clutch"
# traceback_lacks: "prelude"
