# When names are rebound, at the end of an execution, and never.
class Evil:
    def __del__(self):
        print("deleted")
        raise ValueError("in del")


evil = Evil()
evil = None
# stdout: ["deleted"]
# stderr_contains: ["Exception ignored in", "ValueError: in del"]
# ---
def scope():
    local = Evil()


scope()
# stdout: ["deleted"]
# stderr_contains: ["ValueError: in del"]
# ---
print("fine")
# output: ["fine"]
