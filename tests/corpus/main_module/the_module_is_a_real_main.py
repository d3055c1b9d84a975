# `import __main__` gives the module in whose namespace the code runs.
import sys

import __main__

attribute = 7
print(__name__, __main__.attribute, sys.modules["__main__"] is __main__)
print(__main__.__dict__ is globals(), vars() is globals(), locals() is globals())
if __name__ == "__main__":
    print("main guard")
# output: ["__main__ 7 True", "True True True", "main guard"]
# ---
__main__.assigned = 8
print(assigned)
# output: ["8"]
