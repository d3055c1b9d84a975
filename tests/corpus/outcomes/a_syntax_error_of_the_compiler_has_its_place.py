# What only the compiler sees.
def f():
    pass


return f
# type: "SyntaxError"
# error_contains: "'return' outside function"
# line: 6
# ---
x = 1
nonlocal x
# type: "SyntaxError"
# error_contains: "name 'x' is assigned to before nonlocal declaration"
# line: 2
