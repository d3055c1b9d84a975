# A syntax error, not a failure of the engine.
# option: {"code": ["x = '", {"hex": "ff80"}, "'\nprint(x)"]}
# outcome: "exception"
# type: "SyntaxError"
# error_contains: "utf-8"
# output: []
# ---
# option: {"code": ["# coding: latin-1\nx = '", {"hex": "e9"}, "'"]}
# type: "SyntaxError"
# error_contains: "utf-8"
