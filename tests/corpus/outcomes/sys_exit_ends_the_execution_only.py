# The status is kept; zero and None are no error; the sandbox goes on.
import sys

kept = 1
sys.exit()
# outcome: "exit"
# exit: 0
# error: null
# ---
sys.exit(0)
# outcome: "exit"
# exit: 0
# error: null
# ---
sys.exit(3)
# outcome: "exit"
# exit: 3
# error: "executing Python code: SystemExit(3)"
# type: "SystemExit"
# line: 1
# ---
sys.exit(-2)
# outcome: "exit"
# exit: -2
# error: "executing Python code: SystemExit(-2)"
# ---
sys.exit(True)
# outcome: "exit"
# exit: 1
# error: "executing Python code: SystemExit(True)"
# ---
print(kept)
# output: ["1"]
