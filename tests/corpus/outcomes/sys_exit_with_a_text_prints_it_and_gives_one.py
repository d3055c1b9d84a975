# As in a script: the text goes to stderr.
import sys

print("before")
sys.exit("cannot go on")
# outcome: "exit"
# exit: 1
# error: "executing Python code: SystemExit('cannot go on')"
# stdout: ["before"]
# stderr: ["cannot go on"]
