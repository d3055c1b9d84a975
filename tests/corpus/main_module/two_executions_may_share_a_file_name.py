# The newest source is shown for the name; the line numbers are right.
# option: {"filename": "cell.py"}
def early():
    raise KeyError("early")
# ---
# option: {"filename": "cell.py"}

early()
# error: "executing Python code: KeyError('early')"
# traceback: "File \"cell.py\", line 3, in <module>\n    early()\n"
