# must_fail: ["ended"]
import os

os._exit(1)
# error_contains: "status 1"
