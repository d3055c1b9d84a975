# Also when it was interrupted.
# option: {"wall_ms": 200}
open("early.txt", "w").write("x")
while True:
    pass
# outcome: "timeout"
# limit: "wall_ms"
# error_contains: "wall time limit"
# files: ["early.txt"]
