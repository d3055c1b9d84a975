# What is written to sys.stderr meanwhile goes to the replacement.
import contextlib
import io
import sys
import warnings

text = io.StringIO()
with contextlib.redirect_stderr(text):
    warnings.warn("hidden")
    print("hidden too", file=sys.stderr)
print("hidden" in text.getvalue(), "hidden too" in text.getvalue())
# output: ["True True"]
