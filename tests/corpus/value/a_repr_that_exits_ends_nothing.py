# SystemExit and KeyboardInterrupt in a repr are exceptions of that repr.
import sys


class Exits:
    def __repr__(self):
        sys.exit(3)


Exits()
# value: "<Exits object whose __repr__ raised SystemExit>"
# ---
class Interrupts:
    def __repr__(self):
        raise KeyboardInterrupt


Interrupts()
# value: "<Interrupts object whose __repr__ raised KeyboardInterrupt>"
