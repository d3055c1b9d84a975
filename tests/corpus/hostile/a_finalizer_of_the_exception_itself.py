# It runs when the exception has been described.
class Evil(Exception):
    def __del__(self):
        print("gone")


raise Evil("x")
# error: "executing Python code: Evil('x')"
# output_contains: ["gone"]
