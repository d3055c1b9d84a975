# A TypeError of Python's.
raise "text"
# error: "executing Python code: TypeError('exceptions must derive from BaseException')"
