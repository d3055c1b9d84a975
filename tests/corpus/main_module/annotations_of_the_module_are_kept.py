# Annotated names at the top are those of __main__.
count: int = 3
name: str
# ---
print(__annotations__)
# output: ["{'count': <class 'int'>, 'name': <class 'str'>}"]
