# A __del__ that never ends is interrupted like all code; what it raises is told on stderr as ever.
# option: {"wall_ms": 300, "grace_ms": 300}
class Evil:
    def __del__(self):
        while True:
            pass


evil = Evil()
del evil
print("goes on")
# stdout: ["goes on"]
# stderr_contains: ["Exception ignored in", "KeyboardInterrupt"]
# within_ms: 2000
