# Code objects of their own, one file.
rows = [1, 0]

values = [1 / row
          for row in rows]
# line: 4
# error_contains: "ZeroDivisionError"
# ---
class Body:
    x = 1
    y = undefined
# line: 3
# error_contains: "NameError"
# ---
pick = lambda row: row["missing"]

pick({})
# line: 1
# error: "executing Python code: KeyError('missing')"
