# Its repr is a field of its own, and is not printed.
x = 20
x + 22
# value: "42"
# output: []
# ---
"text"
# value: "'text'"
# ---
x; "second"
# value: "'second'"
