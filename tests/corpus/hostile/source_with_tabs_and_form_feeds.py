# White space that Python allows.
# option: {"code": ["if True:\n\tx = 1\n\f\nprint(x)\n\t\n"]}
# output: ["1"]
