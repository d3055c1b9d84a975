# The exception is the user's; no half element is left behind.
class Silent:
    def __str__(self):
        raise ValueError("no text")


print("before")
print("part", Silent(), "part")
# output: ["before"]
# error: "executing Python code: ValueError('no text')"
# line: 4
