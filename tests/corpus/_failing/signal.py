# must_fail: ["signal"]
import os

os.abort()
# error_contains: "SIGABRT"
# ended: true
# signal: 11
