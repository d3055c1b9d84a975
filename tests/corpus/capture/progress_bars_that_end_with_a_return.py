# The return may stand at the end of each state as well.
import sys

for step in range(1, 4):
    print(f"{step * 10} %", end="\r", file=sys.stderr)
for step in range(1, 4):
    sys.stdout.write(f"{step}.\r")
print("done")
# stderr: ["10 %", "20 %", "30 %"]
# stdout: ["1.", "2.", "3.", "done"]
