# It cannot be removed again; the engine goes on, whatever fails for the user.
import sys


def hook(event, arguments):
    if active and event in ("compile", "exec", "import", "open"):
        raise RuntimeError("audited " + event)


active = True
sys.addaudithook(hook)
# ---
x = 1
# outcome: "exception"
# error_contains: "RuntimeError('audited "
