# But the sandbox has ended.
import os

os._exit(0)
# outcome: "exit"
# exit: 0
# ended: true
# error: null
