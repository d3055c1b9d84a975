# Only where the host asks for it: source that wants more lines is not run.
# option: {"code": ["def f():\n"], "allow_incomplete": true}
# outcome: "incomplete"
# ---
# option: {"code": ["values = [1,\n"], "allow_incomplete": true}
# outcome: "incomplete"
# ---
# option: {"code": ["text = '''one\n"], "allow_incomplete": true}
# outcome: "incomplete"
# ---
# option: {"code": ["for i in range(2):\n    print(i)\n\n"], "allow_incomplete": true}
# output: ["0", "1"]
# ---
# option: {"code": ["x = 5"], "allow_incomplete": true}
# output: []
# ---
# option: {"code": ["x"], "allow_incomplete": true}
# value: "5"
# ---
# option: {"code": ["1 +* 2"], "allow_incomplete": true}
# type: "SyntaxError"
# error_contains: "invalid syntax"
# ---
# option: {"code": ["def f():\n"]}
# type: "IndentationError"
# error_contains: "IndentationError"
