# Nothing of the execution has run; line, text and caret are there.
print("never printed")
total = 1 +
# outcome: "exception"
# type: "SyntaxError"
# error_contains: "executing Python code: SyntaxError('invalid syntax', ('<execution 1>', 3, 12, 'total = 1 +\\n', 3, 1"
# line: 3
# output: []
# traceback: "  File \"<execution 1>\", line 3\n    total = 1 +\n               ^\nSyntaxError: invalid syntax\n"
