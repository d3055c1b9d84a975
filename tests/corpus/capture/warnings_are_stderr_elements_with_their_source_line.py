# A warning names the execution, the line, and shows it.
import warnings

warnings.warn("careful")
# stderr: ["<execution 1>:4: UserWarning: careful", "  warnings.warn(\"careful\")"]
# stdout: []
# ---
def risky():
    warnings.warn("older", DeprecationWarning, stacklevel=1)


risky()
risky()
# stderr: ["<execution 2>:2: DeprecationWarning: older"]
# stderr: ["  warnings.warn(\"older\", DeprecationWarning, stacklevel=1)"]
