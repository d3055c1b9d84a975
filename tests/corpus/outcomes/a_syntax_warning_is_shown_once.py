# The code is compiled in two steps, and warned about in one.
if (x := 5) is 5:
    pass
# stderr_contains: ["<execution 1>:2: SyntaxWarning: \"is\" with "]
# output_count: 2
