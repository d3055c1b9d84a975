# The filter lasts into the next execution.
import warnings

warnings.simplefilter("error")
# ---
warnings.warn("strict", FutureWarning)
# error: "executing Python code: FutureWarning('strict')"
# type: "FutureWarning"
# line: 1
