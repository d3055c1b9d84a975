# Nothing happens.
# option: {"code": []}
# output: []
# value: null
# ---
# option: {"code": ["\n\n   \n"]}
# output: []
# ---
# option: {"code": ["# only a comment"]}
# output: []
# ---
# option: {"code": ["x = 1  # no newline at the end"]}
# ---
# option: {"code": ["x"]}
# value: "1"
