# The namespace starts anew, as __main__.
x = 1
globals().clear()
# ---
print(__name__, "x" in globals())


class AfterAll:
    pass


print(AfterAll.__module__)
# output: ["__main__ False", "__main__"]
