# Expressions before it are evaluated and dropped.
1
2
print("between")
3
# value: "3"
# output: ["between"]
