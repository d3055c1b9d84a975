# The line is the user's; pandas' frames are in the traceback.
import pandas as pd

frame = pd.DataFrame({"a": [1]})
frame["b"]
# error: "executing Python code: KeyError('b')"
# type: "KeyError"
# line: 5
# traceback: "pandas/core/frame.py"
