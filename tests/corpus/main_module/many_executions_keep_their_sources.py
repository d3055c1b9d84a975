# The source of an early execution is still there after many others.
import inspect


def early():
    return "early"
# ---
for number in range(300):
    exec(f"def made_{number}():\n    return {number}\n")
print(made_299())
# output: ["299"]
# ---
print(inspect.getsource(early).splitlines()[1])
# output: ["    return \"early\""]
