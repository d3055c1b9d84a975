# Lines may be missing in the traceback, but nothing else.
import linecache

linecache.getline = linecache.getlines = linecache.checkcache = None
linecache.cache = 5
# ---
1 / 0
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 1
# traceback: "ZeroDivisionError: division by zero\n"
