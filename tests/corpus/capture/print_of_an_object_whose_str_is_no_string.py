# Python's own TypeError.
class Wrong:
    def __str__(self):
        return 7


print(Wrong())
# error: "executing Python code: TypeError('__str__ returned non-string (type int)')"
# output: []
