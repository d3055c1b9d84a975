# The wall limit holds while the exception is described.
# option: {"wall_ms": 300, "grace_ms": 300}
class Evil(Exception):
    def __repr__(self):
        while True:
            pass


raise Evil
# outcome: "timeout"
# limit: "wall_ms"
# error_contains: "wall time limit"
# within_ms: 2000
# ---
print("kept", Evil.__name__)
# output: ["kept Evil"]
