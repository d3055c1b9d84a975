# Parenthesised, it is an expression.
(total := 3 + 4)
# value: "7"
# ---
total
# value: "7"
