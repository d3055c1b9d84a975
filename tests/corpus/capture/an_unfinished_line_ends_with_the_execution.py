# Nothing is carried into the next execution.
import sys

sys.stdout.write("no newline")
sys.stderr.write("none here")
# stdout: ["no newline"]
# stderr: ["none here"]
# ---
sys.stdout.write("fresh")
# output: ["fresh"]
