# It is an exception like any other.
import sys

try:
    sys.exit(4)
finally:
    print("tidied")
# outcome: "exit"
# exit: 4
# error: "executing Python code: SystemExit(4)"
# output: ["tidied"]
# ---
try:
    sys.exit(4)
except SystemExit as exit:
    print("caught", exit.code)
# output: ["caught 4"]
