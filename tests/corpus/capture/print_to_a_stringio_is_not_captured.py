# What goes to another object is that object's.
import io

text = io.StringIO()
print("kept", "here", sep="-", end="!", file=text)
print(repr(text.getvalue()))
# output: ["'kept-here!'"]
