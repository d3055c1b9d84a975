# A repr that never ends is user code like any other.
# option: {"wall_ms": 300}
class Endless:
    def __repr__(self):
        print("begun")
        while True:
            pass


Endless()
# outcome: "timeout"
# limit: "wall_ms"
# output: ["begun"]
# error_contains: "TimeoutError"
# ---
"state kept"
# value: "'state kept'"
