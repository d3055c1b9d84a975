# A status that is no C int is -1.
import sys

sys.exit(10**30)
# outcome: "exit"
# exit: -1
# error_contains: "SystemExit(1000000000000000000000000000000)"
