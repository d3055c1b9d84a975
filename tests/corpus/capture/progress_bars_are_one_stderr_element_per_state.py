# A carriage return ends a state of the bar; the last newline adds nothing.
import sys

for step in range(1, 4):
    sys.stderr.write(f"\r{step}/3")
    sys.stderr.flush()
sys.stderr.write("\n")
print("done")
# stderr: ["1/3", "2/3", "3/3"]
# stdout: ["done"]
