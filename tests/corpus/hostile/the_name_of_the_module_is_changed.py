# It lasts, as in a module; what depends on it is the user's problem.
__name__ = 5
# ---
def f():
    return 1


print(f(), __name__)
# output: ["1 5"]
