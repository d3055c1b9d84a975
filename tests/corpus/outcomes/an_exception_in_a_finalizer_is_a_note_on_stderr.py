# It cannot be raised; the execution is fine.
class Late:
    def __del__(self):
        raise ValueError("too late")


late = Late()
del late
print("goes on")
# stdout: ["goes on"]
# stderr_contains: ["Exception ignored in", "ValueError: too late"]
