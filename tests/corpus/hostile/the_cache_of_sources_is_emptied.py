# Sources of the executions behind it are there.
import linecache

linecache.cache.clear()
linecache.clearcache()
# ---
raise KeyError("shown")
# error: "executing Python code: KeyError('shown')"
# traceback: "    raise KeyError(\"shown\")\n"
